# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --locked --release && cp target/release/mofang /mofang

# The database is another container (DATABASE_URL): there are no Postgres programs in here.
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin mofang \
    && install -d -o mofang -g mofang -m 0700 /data
COPY --from=build /mofang /usr/local/bin/mofang
USER mofang
WORKDIR /data
VOLUME /data
ENV MOFANG_LISTEN=0.0.0.0:8080 MOFANG_DATA=/data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["mofang"]
CMD ["serve"]
