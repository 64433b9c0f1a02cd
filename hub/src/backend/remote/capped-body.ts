/**
 * Passes a response body on and fails it when one message grows beyond `maxBytes`: the whole body, or for an event
 * stream one line of it. `onEnd` is called once, with the error if the body did not end by itself.
 */
export function cappedBody(
  body: ReadableStream<Uint8Array>,
  options: { maxBytes: number; eventStream: boolean; onEnd: (error?: unknown) => void },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let size = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          options.onEnd();
          return;
        }
        const newline = options.eventStream ? value.lastIndexOf(10) : -1;
        size = newline === -1 ? size + value.length : value.length - newline - 1;
        if (size > options.maxBytes || value.length > options.maxBytes) {
          throw new Error(`The answer is larger than ${options.maxBytes} bytes.`);
        }
        controller.enqueue(value);
      } catch (error) {
        controller.error(error);
        options.onEnd(error);
        await reader.cancel(error).catch(() => {});
      }
    },
    async cancel(reason) {
      options.onEnd(reason);
      await reader.cancel(reason).catch(() => {});
    },
  });
}
