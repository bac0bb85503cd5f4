# `serve` as an image: npm run package && docker build --tag orchestrator-workers .
#
# The first stage installs the package that `npm run package` has made, so that no image needs Rust. It always runs on
# the platform of the builder, because the package's own code runs everywhere and workerd comes from npm as a binary.
# The second stage runs nothing while it is built, so that an image for another platform needs no emulation.

# Not slim, because it has the certificates of the public authorities.
FROM --platform=$BUILDPLATFORM node:22.23.2-bookworm AS build
# amd64 or arm64, as BuildKit names them.
ARG TARGETARCH
WORKDIR /package
COPY build/package/ ./
# npm names the processors as Node does.
RUN case "$TARGETARCH" in amd64) cpu=x64 ;; *) cpu="$TARGETARCH" ;; esac \
  && npm pack --ignore-scripts \
  && npm install --global --prefix=/opt/orchestrator-workers --omit=dev --ignore-scripts --no-audit --no-fund \
  --os=linux --libc=glibc --cpu="$cpu" ./orchestrator-workers-*.tgz \
  && mkdir --mode=700 /data

FROM node:22.23.2-bookworm-slim
LABEL org.opencontainers.image.title="Orchestrator Workers" \
  org.opencontainers.image.description="Durable workflows of language models, on one machine" \
  org.opencontainers.image.licenses="MIT"
# workerd reads the authorities from here.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /opt/orchestrator-workers /opt/orchestrator-workers
# A new volume takes its owner from here.
COPY --from=build --chown=1000:1000 /data /data
ENV NODE_ENV=production ORCHESTRATOR_HOST=container PATH=/opt/orchestrator-workers/bin:$PATH
# The image's user `node`, by number, so that Kubernetes knows that it is not root.
USER 1000:1000
WORKDIR /data
VOLUME /data
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(fs.readFileSync('/data/run/url', 'utf8') + '/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The two dashes keep Node from taking an --env-file for its own.
ENTRYPOINT ["node", "--", "/opt/orchestrator-workers/bin/orchestrator-workers", "serve", "--host", "0.0.0.0", "--data", "/data"]
