# syntax=docker/dockerfile:1
# One image for every role: `docker build .`. The target `embedded` adds the S3 server and the sample feed.
FROM python:3.12-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/run.txt requirements/
RUN /venv/bin/pip install --no-deps --require-hashes -r requirements/run.txt

FROM packages AS embedded-packages
COPY requirements/embedded.txt requirements/
RUN /venv/bin/pip install --no-deps --require-hashes -r requirements/embedded.txt

FROM python:3.12-slim AS program
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
COPY LICENSE NOTICE /app/
COPY schemas /app/streams/schemas
COPY streams /app/streams
RUN python -m compileall -q /app/streams
# A new volume that is mounted here belongs to whom this folder belongs to.
RUN install -d -m 700 -o 10001 -g 10001 /var/lib/moderation
USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["python", "-m", "streams"]
CMD ["--help"]

FROM program AS embedded
COPY --from=embedded-packages /venv /venv

FROM program AS run
COPY --from=packages /venv /venv
