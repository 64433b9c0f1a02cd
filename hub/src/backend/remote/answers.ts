import { type ContentBlock, FlotillaError, type ToolAnswer } from '@flotilla/core';

const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Hop-by-hop fields of `_meta` name the server behind us; they would shadow the hub. */
function metaOf(meta: unknown): Record<string, unknown> | undefined {
  if (!isObject(meta)) return undefined;
  const { [SERVER_INFO]: _server, ...kept } = meta;
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** A result of `tools/call` as an answer, fields that we do not know included. */
export function answerOf(mount: string, result: unknown): ToolAnswer {
  if (!isObject(result)) throw malformed(mount, 'the result is not an object');
  const { content, structuredContent, isError, _meta, resultType, ...unknownFields } = result;
  if (resultType !== undefined && resultType !== 'complete') {
    throw new FlotillaError('UNSUPPORTED', `The server ${mount} answered in a form that is not supported.`, {
      details: { server: mount, resultType: String(resultType).slice(0, 64) },
      hint: 'It asks the client for something (input, a task) that Flotilla does not pass on.',
    });
  }
  if (content === undefined && structuredContent === undefined) throw malformed(mount, 'the result is empty');
  const blocks = content ?? [];
  if (
    !Array.isArray(blocks) ||
    !blocks.every((block) => isObject(block) && typeof block['type'] === 'string')
  ) {
    throw malformed(mount, 'its content is not a list of blocks');
  }
  const meta = metaOf(_meta);
  const extra = { ...unknownFields, ...(meta && { _meta: meta }) };
  return {
    content: blocks as ContentBlock[],
    ...(structuredContent !== undefined && { structuredContent }),
    ...(typeof isError === 'boolean' && { isError }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

function malformed(mount: string, why: string): FlotillaError {
  return new FlotillaError(
    'SERVER_UNAVAILABLE',
    `The server ${mount} sent an answer that breaks the protocol: ${why}.`,
    {
      details: { server: mount },
      hint: 'Report it to the maker of that server. The call may have taken effect.',
    },
  );
}
