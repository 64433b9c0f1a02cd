import type { Logger } from '../logging.ts';
import type { ContentBlock, ToolAnswer } from './answer.ts';
import type { AnyTool } from './define-tool.ts';

/** Clients refuse answers that are much larger. */
const MAX_IMAGE_BYTES = 1024 * 1024;

/** The answer with the pictures of its tool behind the text. */
export async function withImages(
  tool: AnyTool,
  input: Record<string, unknown>,
  answer: ToolAnswer,
  log: Logger,
): Promise<ToolAnswer> {
  if (!tool.images) return answer;
  try {
    const images = await tool.images(answer.structuredContent as never, input as never);
    const blocks = images
      .filter(({ data }) => data.byteLength <= MAX_IMAGE_BYTES)
      .map(({ mimeType, data }): ContentBlock => {
        return { type: 'image', mimeType, data: Buffer.from(data).toString('base64') };
      });
    const leftOut = images.length - blocks.length;
    return {
      ...answer,
      content: [...answer.content, ...blocks, ...(leftOut > 0 ? [missing('too large')] : [])],
    };
  } catch (error) {
    log.warn({ err: error, tool: tool.name }, 'a picture could not be drawn');
    return { ...answer, content: [...answer.content, missing('it could not be drawn; task_logs says why')] };
  }
}

const missing = (why: string): ContentBlock => ({ type: 'text', text: `A picture is missing: ${why}.` });
