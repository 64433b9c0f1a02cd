# One image per front door: the hub, or one server alone. PACKAGE is its folder.
#   docker build --build-arg PACKAGE=servers/docker .
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
# The lockfile decides what is installed: this layer is reused until it changes.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY scripts/pnpm.mjs scripts/pnpm.mjs
RUN node scripts/pnpm.mjs fetch
COPY . .
RUN node scripts/pnpm.mjs install --frozen-lockfile --offline
ARG PACKAGE=hub
RUN node scripts/pnpm.mjs --filter "./${PACKAGE}" deploy --prod --legacy --config.node-linker=hoisted /deployed \
  && node_modules/node/bin/node scripts/bundle.mjs --into "${PACKAGE}" /deployed \
  && rm -rf /deployed/dist/*.map
# The bundle holds all but the native addons; of the rest their licences stay.
RUN cd /deployed/node_modules && rm -rf @flotilla .pnpm \
  && find . ! -type d ! -iname 'licen[cs]e*' ! -iname 'notice*' ! -path './@resvg/*' ! -path './better-sqlite3/lib/*' \
    ! -path './better-sqlite3/package.json' ! -path "./better-sqlite3/prebuilds/linux-$(node -p process.arch).node" -delete \
  && find . -type d -empty -delete

FROM ${NODE_IMAGE}
RUN mkdir -p /data /run/secrets && chown node:node /data
COPY --from=build /deployed/package.json /app/
COPY --from=build /deployed/node_modules /app/node_modules
COPY --from=build /deployed/dist /app/dist
COPY docker/make-keys.sh docker/healthy.mjs docker/stack.json /app/
COPY docker/entrypoint.sh /usr/local/bin/flotilla
USER node
ENV NODE_ENV=production FLOTILLA_DATA_DIR=/data HOME=/data
WORKDIR /data
VOLUME /data
ENTRYPOINT ["flotilla"]
