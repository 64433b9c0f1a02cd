# Makes what is missing below /keys: the password of Redis, and for each server named a token that the hub knows too.
set -eu
umask 022

random() { head -c 32 /dev/urandom | base64 | tr -d '/+=\n'; }
# Written whole or not at all: a stack that is stopped meanwhile finds no half key.
keep() { printf '%s' "$2" >"$1.new" && mv "$1.new" "$1"; }

[ -s /keys/redis/password ] || keep /keys/redis/password "$(random)"
keep /keys/redis/redis.conf "dir /data
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
requirepass $(cat /keys/redis/password)
"
for server; do
  [ -s "/keys/hub/$server" ] || keep "/keys/hub/$server" "$(random)"
  keep "/keys/$server/token" "$(cat "/keys/hub/$server")"
done
