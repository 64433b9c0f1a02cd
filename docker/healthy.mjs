// Exit code 0 when this container's front door answers.
const port = process.env.FLOTILLA_HUB_URL ? 7700 : 7722;
const { ok } = await fetch(`http://127.0.0.1:${port}/healthz`);
process.exit(ok ? 0 : 1);
