# One image, two roles: `kura serve --no-worker` answers, `kura work` ingests.
FROM python:3.11-slim AS build
WORKDIR /opt/kura
RUN apt-get update && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
COPY Makefile pyproject.toml requirements.lock README.md LICENSE ./
COPY app app
COPY ingestion ingestion
COPY retrieval retrieval
RUN make setup PYTHON=python3.11

FROM python:3.11-slim
# Sources of kind "git" are fetched with git, and with ssh where the address says so.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git openssh-client ca-certificates \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 10001 kura && mkdir -p /var/lib/kura && chown kura /var/lib/kura
WORKDIR /opt/kura
COPY --from=build /opt/kura /opt/kura
COPY data data
ENV PATH=/opt/kura/.venv/bin:$PATH \
    KURA_HOME=/var/lib/kura \
    ANONYMIZED_TELEMETRY=false \
    DO_NOT_TRACK=1 \
    HF_HOME=/var/lib/kura/huggingface
USER kura
VOLUME /var/lib/kura
EXPOSE 8420
CMD ["kura", "serve", "--host", "0.0.0.0"]
