"""`moderation policy schema`: nothing in, the JSON Schema of policy documents out."""

import click
import msgspec


@click.command()
def schema() -> None:
    """Print the JSON Schema of policy documents: editors complete and check the YAML with it.

    Write it beside your policies and begin each with `# yaml-language-server: $schema=policy.schema.json`.
    """
    from streams.adapters.policy_schema import policy_schema

    print(msgspec.json.format(msgspec.json.encode(policy_schema()), indent=2).decode())
