# The image holds the static binary, the certificates it needs to speak TLS, and nothing else: no shell, no Postgres. It
# therefore needs EARSHOT_DATABASE_URL and EARSHOT_NATS_URL; docker-compose.yml sets both.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=development
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/earshot ./cmd/earshot \
 && mkdir -p /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/earshot /earshot
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV EARSHOT_DATA_DIR=/data EARSHOT_LISTEN=0.0.0.0:8377
EXPOSE 8377
ENTRYPOINT ["/earshot"]
CMD ["serve"]
