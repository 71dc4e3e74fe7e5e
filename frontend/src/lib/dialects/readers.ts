import type { AnswerReader, Dialect } from './answer';
import { AnthropicReader } from './anthropic';
import { OpenAIReader } from './openai';
import { ResponsesReader } from './responses';

export const readerOf = (dialect: Dialect): AnswerReader =>
  dialect === 'anthropic' ? new AnthropicReader() : dialect === 'openai' ? new OpenAIReader() : new ResponsesReader();
