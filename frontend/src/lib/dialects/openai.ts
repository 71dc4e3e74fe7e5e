import { call, emptyAnswer, parse, say, sentenceOf, type AnswerReader, type Call } from './answer';
import type { SseEvent } from './sse';

interface ToolCall {
  index?: number;
  id?: string;
  function?: { name?: string; arguments?: string };
}

interface Words {
  content?: string | null;
  reasoning_content?: string | null;
  tool_calls?: ToolCall[];
}

interface Chunk {
  model?: string;
  choices?: { delta?: Words; message?: Words; finish_reason?: string | null }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
}

/** The Chat Completions API. */
export class OpenAIReader implements AnswerReader {
  readonly answer = emptyAnswer();
  #calls = new Map<number, Call>();

  take({ data }: SseEvent): void {
    if (data.trim() === '[DONE]') {
      this.answer.ended = this.answer.error === '';
      return;
    }
    const chunk = parse(data);
    const sentence = sentenceOf(chunk);
    if (sentence) this.answer.error = sentence;
    else this.#chunk((chunk ?? {}) as Chunk);
  }

  whole(body: unknown): void {
    this.#chunk((body ?? {}) as Chunk);
    this.answer.error = sentenceOf(body);
    this.answer.ended = this.answer.error === '';
  }

  #chunk({ model, choices, usage }: Chunk): void {
    const { answer } = this;
    const choice = choices?.[0];
    this.#words(choice?.delta ?? choice?.message ?? {});
    answer.model = model ?? answer.model;
    answer.stop = choice?.finish_reason ?? answer.stop;
    answer.input = usage?.prompt_tokens ?? answer.input;
    answer.output = usage?.completion_tokens ?? answer.output;
  }

  #words({ content, reasoning_content, tool_calls }: Words): void {
    say(this.answer, 'thinking', reasoning_content);
    say(this.answer, 'text', content);
    (tool_calls ?? []).forEach((piece, i) => this.#call(piece.index ?? i, piece));
  }

  #call(index: number, { id, function: called }: ToolCall): void {
    let running = this.#calls.get(index);
    if (!running) this.#calls.set(index, (running = call(this.answer, id ?? '', called?.name ?? '')));
    running.input += called?.arguments ?? '';
  }
}
