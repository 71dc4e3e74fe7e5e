// Package openai is the Chat Completions dialect: it reads requests into chat.Request and renders answers, streams, faults and model
// lists the way OpenAI's clients expect them. It is pure: no connection, context or clock.
//
// What becomes of a request's members (whatever is not named here is accepted and ignored):
//
//	honoured
//	  model                        echoed in the answer
//	  messages                     roles system and developer (anywhere), user, assistant, tool, function
//	  content                      string, null, parts: text, refusal, image_url (data URI or http), file with file_data
//	  reasoning_content            of assistant messages: a thinking block
//	  tool_calls                   arguments that are not a JSON object are put into one, under "arguments"
//	  tools, functions             of type function, nested or flat; functions only if there are no tools
//	  tool_choice, function_call   auto, none, required, a named function, allowed_tools (the others are taken off the list)
//	  parallel_tool_calls          false asks for at most one call, as legacy functions do
//	  response_format              text, json_object, json_schema
//	  reasoning_effort             anything but none asks for thinking
//	  max_completion_tokens        and max_tokens where it is missing; not above zero is no limit
//	  stop                         string or array
//	  stream, stream_options       include_usage
//	  prompt_cache_key             the session, before one from the headers
//
//	dropped
//	  temperature, top_p, seed, penalties, logit_bias, logprobs, top_logprobs, verbosity, prediction, modalities, audio,
//	  store, metadata, service_tier, safety_identifier, cache_control, detail, names of speakers
//	  user                         names a person, not a conversation, and is nobody else's business
//	  tools of other types         custom, mcp, ...: the system prompt says that they are missing; past calls of custom tools stay, with their
//	                               text under "input"
//	  tool calls without a name    a stream that was cut left them in the client's history
//
//	refused (fault.Invalid, with the member's path as Param)
//	  malformed JSON, wrong types, nesting deeper than 200, more than 500,000 members and elements in all
//	  missing model (unless the key has one of its own), missing or empty messages, unknown roles and part types
//	  n above 1, input_audio, file_id, URLs that are neither http nor data, data that is not base64
//	  a tool_choice naming a function that is not offered, unknown tool choices and response formats
//
// Leading system messages become Request.System, joined by blank lines; the last message always stays a message, so that there is
// something to answer. Later ones stay where they are, as chat.System.
//
// Answers carry thinking as reasoning_content, which is no part of OpenAI's own API but what open clients read; others ignore it. The
// finish reason is tool_calls whenever a tool was called. A request that used legacy functions is answered with function_call, which
// has room for one call only: the first.
package openai
