// Exit code 0 when the front door at this port of the container answers.
const { ok } = await fetch(`http://127.0.0.1:${process.argv[2]}/healthz`);
process.exit(ok ? 0 : 1);
