import { quote } from '@flotilla/ssh';
import type { SectionMarks } from '../host/sections.ts';

const MAX_HOMES = 20;

/**
 * Shell functions: `pm2_homes` prints the PM2 folders that this login can see, `pm2_as OWNER TEXT` runs shell text as the
 * owner of one, never as root on files of another user.
 */
export const PM2_FUNCTIONS = `
pm2_homes() {
  for d in "\${PM2_HOME:-}" "$HOME/.pm2" /root/.pm2 /home/*/.pm2 /var/lib/*/.pm2 /var/www/.pm2 /srv/*/.pm2 /opt/*/.pm2 /etc/.pm2; do
    [ -n "$d" ] && [ -d "$d" ] && [ -x "$d" ] && printf '%s\\n' "$d"
  done | awk '!seen[$0]++' | head -n ${MAX_HOMES}
}
pm2_owner() { ls -ld -- "$1" | awk '{ print $3; exit }'; }
pm2_as() {
  if [ "$(id -u)" = 0 ] && [ "$1" != root ]; then su -s /bin/sh -c "$2" "$1" </dev/null
  else sh -c "$2" </dev/null; fi
}`;

/**
 * Asks the daemon, which must be there already: a plain `pm2 jlist` would start one. A program is taken from PATH or
 * from the home of the user who runs this, never from a folder that is somebody else's.
 */
const JLIST = `cd / 2>/dev/null
up=$(cat "$PM2_HOME/pm2.pid" 2>/dev/null) && kill -0 "$up" 2>/dev/null || exit 3
own=\${PM2_HOME%/.pm2}
[ "$(ls -ld "$own" | awk '{ print $3; exit }')" = "$(id -un)" ] || own=/nonexistent
for p in "$(command -v pm2 2>/dev/null)" "$own"/.nvm/versions/node/*/bin/pm2 "$own"/.npm-global/bin/pm2 "$own"/.npm-packages/bin/pm2 "$own"/.local/bin/pm2 \\
  "$own"/.local/share/pnpm/pm2 "$own"/.volta/bin/pm2 "$own"/.local/share/fnm/node-versions/*/installation/bin/pm2 "$own"/.bun/bin/pm2 "$own"/node_modules/.bin/pm2; do
  [ -n "$p" ] && [ -x "$p" ] && { PATH="\${p%/*}:$PATH" PM2_HOME="$PM2_HOME" $T "$p" jlist --silent 2>/dev/null; exit 0; }
done
exit 4`;

/** Per PM2 folder: what the daemon says, or the pid files and log names when there is no daemon or no client. */
export const pm2Script = (marks: SectionMarks): string => `${PM2_FUNCTIONS}
pm2_homes | while IFS= read -r home; do
owner=$(pm2_owner "$home")
${marks.begin('pm2-home', '$owner $home')}
q=$(printf '%s' "$home" | sed "s/'/'\\\\\\\\''/g")
out=; [ "$(id -u)" != 0 ] && [ "$owner" != "$(id -un)" ] || out=$(pm2_as "$owner" "PM2_HOME='$q'; T='$T'
"${quote(JLIST)} | head -c 4000000)
${marks.begin('pm2-list')}; printf '%s\\n' "$out"
${marks.begin('pm2-pids')}
for f in "$home"/pids/*.pid; do [ -f "$f" ] && { pid=$(head -c 12 "$f" | tr -cd 0-9); alive=0; [ -n "$pid" ] && [ -d "/proc/$pid" ] && alive=1; printf '%s %s %s\\n' "\${pid:-0}" "$alive" "\${f##*/}"; }; done | head -n 200
${marks.begin('pm2-logs')}
ls -1 -- "$home/logs" 2>/dev/null | head -n 1000
done`;
