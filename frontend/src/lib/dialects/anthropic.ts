import { call, emptyAnswer, parse, say, sentenceOf, type AnswerReader, type Call } from './answer';
import type { SseEvent } from './sse';

interface Block {
  type: string;
  text?: string;
  thinking?: string;
  id?: string;
  name?: string;
  input?: unknown;
}

interface Usage {
  input_tokens?: number;
  output_tokens?: number;
}

interface Message {
  model?: string;
  content?: Block[];
  stop_reason?: string | null;
  usage?: Usage;
}

interface Event {
  type: string;
  message?: Message;
  index?: number;
  content_block?: Block;
  delta?: { type?: string; text?: string; thinking?: string; partial_json?: string; stop_reason?: string | null };
  usage?: Usage;
}

/** The Messages API. */
export class AnthropicReader implements AnswerReader {
  readonly answer = emptyAnswer();
  #calls = new Map<number, Call>();

  take({ data }: SseEvent): void {
    const event = parse(data) as Event | undefined;
    switch (event?.type) {
      case 'message_start':
        return this.#message(event.message ?? {});
      case 'content_block_start':
        return this.#begin(event);
      case 'content_block_delta':
        return this.#delta(event);
      case 'message_delta':
        return this.#message({ stop_reason: event.delta?.stop_reason, usage: event.usage });
      case 'message_stop':
        this.answer.ended = true;
        return;
      case 'error':
        this.answer.error = sentenceOf(event);
    }
  }

  whole(body: unknown): void {
    const message = (body ?? {}) as Message;
    for (const block of message.content ?? []) {
      if (block.type === 'tool_use')
        call(this.answer, block.id ?? '', block.name ?? '', JSON.stringify(block.input ?? {}));
      else this.#words(block);
    }
    this.#message(message);
    this.answer.error = sentenceOf(body);
    this.answer.ended = this.answer.error === '';
  }

  #message({ model, stop_reason, usage }: Message): void {
    const { answer } = this;
    answer.model = model ?? answer.model;
    answer.stop = stop_reason ?? answer.stop;
    answer.input = usage?.input_tokens ?? answer.input;
    answer.output = usage?.output_tokens ?? answer.output;
  }

  #begin({ index = -1, content_block: block }: Event): void {
    if (block?.type === 'tool_use') this.#calls.set(index, call(this.answer, block.id ?? '', block.name ?? ''));
    else if (block) this.#words(block);
  }

  #delta({ index = -1, delta }: Event): void {
    const running = this.#calls.get(index);
    if (running) running.input += delta?.partial_json ?? '';
    else if (delta) this.#words({ type: '', ...delta });
  }

  #words({ text, thinking }: Block): void {
    say(this.answer, 'thinking', thinking);
    say(this.answer, 'text', text);
  }
}
