import { call, emptyAnswer, parse, say, sentenceOf, type AnswerReader, type Call } from './answer';
import type { SseEvent } from './sse';

interface Item {
  type: string;
  call_id?: string;
  name?: string;
  arguments?: string;
  content?: { type: string; text?: string; refusal?: string }[];
  summary?: { text?: string }[];
}

interface Response {
  model?: string;
  status?: string;
  output?: Item[];
  usage?: { input_tokens?: number; output_tokens?: number } | null;
  incomplete_details?: { reason?: string } | null;
  error?: { message?: string } | null;
}

interface Event {
  type: string;
  output_index?: number;
  item?: Item;
  delta?: string;
  response?: Response;
  message?: string;
}

/** The Responses API. */
export class ResponsesReader implements AnswerReader {
  readonly answer = emptyAnswer();
  #calls = new Map<number, Call>();

  take({ data }: SseEvent): void {
    const event = parse(data) as Event | undefined;
    switch (event?.type) {
      case 'response.output_item.added':
        return this.#begin(event);
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return say(this.answer, 'text', event.delta);
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return say(this.answer, 'thinking', event.delta);
      case 'response.function_call_arguments.delta':
        return this.#more(event);
      case 'response.created':
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        return this.#response(event.response ?? {});
      case 'error':
        this.answer.error = sentenceOf(event) || (event.message ?? '');
    }
  }

  whole(body: unknown): void {
    const response = (body ?? {}) as Response;
    for (const item of response.output ?? []) this.#item(item);
    this.#response(response);
    this.answer.error = sentenceOf(body);
  }

  #response({ model, status, usage, incomplete_details, error }: Response): void {
    const { answer } = this;
    answer.model = model ?? answer.model;
    answer.input = usage?.input_tokens ?? answer.input;
    answer.output = usage?.output_tokens ?? answer.output;
    answer.error = error?.message ?? answer.error;
    if (status !== 'completed' && status !== 'incomplete') return;
    answer.stop = incomplete_details?.reason ?? status;
    answer.ended = true;
  }

  #begin({ output_index: index = -1, item }: Event): void {
    if (item?.type === 'function_call')
      this.#calls.set(index, call(this.answer, item.call_id ?? '', item.name ?? '', item.arguments));
  }

  #more({ output_index: index = -1, delta = '' }: Event): void {
    const running = this.#calls.get(index);
    if (running) running.input += delta;
  }

  #item(item: Item): void {
    if (item.type === 'function_call') call(this.answer, item.call_id ?? '', item.name ?? '', item.arguments);
    for (const { text } of item.summary ?? []) say(this.answer, 'thinking', text);
    for (const { text, refusal } of item.content ?? []) say(this.answer, 'text', text ?? refusal);
  }
}
