#!/usr/bin/env bash
# Tries an image as docs/self-hosting.md starts it: packaging/try-image.sh IMAGE
set -euo pipefail
image=$1
name=orchestrator-try-$$
token=$(openssl rand -hex 32)
trap 'docker logs "$name" || true; docker rm --force --volumes "$name" > /dev/null' EXIT

docker run --detach --init --name "$name" --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
  --publish 127.0.0.1::8787 --env "API_TOKENS=me:$token" --env DEMO_SPEED=0 "$image" > /dev/null
url=http://$(docker port "$name" 8787/tcp)
for _ in $(seq 60); do
  curl --silent --fail --output /dev/null "$url/ready" && break
  sleep 1
done
curl --silent --fail "$url" --header "Authorization: Bearer $token" --header 'Prefer: wait=30' \
  --header 'Accept: text/markdown' --data '{"prompt": "- Find a venue\n- Draft a schedule"}' | grep --quiet '^Demo:'
docker exec "$name" orchestrator-workers backup /tmp/backup --data /data
docker stop --time 60 "$name" > /dev/null
test "$(docker inspect --format '{{.State.ExitCode}}' "$name")" = 0
trap 'docker rm --force --volumes "$name" > /dev/null' EXIT
echo "$image serves, answers, is backed up and ends"
