# The digest is that of Node.js 24.21.0 for amd64 and arm64. Dependabot moves it together with the tag.
FROM node:24-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS base

FROM base AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY schemas schemas
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM base
LABEL org.opencontainers.image.title="product-catalog" \
  org.opencontainers.image.description="A product catalog service: keeps its own up-to-date copy of a product source and serves it through one typed, documented API." \
  org.opencontainers.image.version="0.2.0" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.base.name="docker.io/library/node:24-bookworm-slim"
WORKDIR /app
# The service runs as `node`, so this user owns the folder of the database. The volume outlives the container.
RUN mkdir var && chown node:node var
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# For `docker exec CONTAINER catalog accounts list`.
RUN ln -s /app/dist/src/cli/catalog.js /usr/local/bin/catalog
COPY data/sample-products.json data/
COPY assets assets
COPY postman_collection.json ./
ENV HOST=0.0.0.0 PORT=5000 DATABASE_URL=file:/app/var/catalog.db
VOLUME /app/var
EXPOSE 5000
USER node
# Not /readyz: a restart does not help while the source or PostgreSQL is down.
HEALTHCHECK --interval=15s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((response) => process.exit(response.ok ? 0 : 1), () => process.exit(1))"]
# The sizes are those of `npm start`: a larger young generation needs fewer collections under load.
CMD ["node", "--min-semi-space-size=8", "--max-semi-space-size=8", "dist/src/server.js"]
