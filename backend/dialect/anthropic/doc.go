// Package anthropic is the Messages dialect: it reads requests into chat.Request and renders answers, streams, faults and model lists the
// way Anthropic's clients expect them. It is pure: no connection, context or clock.
//
// What becomes of a request's members (whatever is not named here is accepted and ignored):
//
//	honoured
//	  model                        echoed in the answer
//	  system                       string or text blocks, joined by blank lines
//	  messages                     roles user, assistant and system (anywhere); content a string, blocks, or missing
//	  text, thinking               as they are; redacted_thinking keeps its data
//	  image                        base64, or a URL that is passed on
//	  document                     base64, text, or content; its context becomes a text in front of it
//	  tool_use                     an input that is not an object is put into one, under "input"
//	  tool_result                  content missing, a string, or blocks of text, image, document, search_result, tool_reference
//	  search_result                a document with the source on top
//	  tools                        custom ones, and others that bring a schema
//	  tool_choice                  auto, any, none, a named tool; disable_parallel_tool_use
//	  thinking                     anything but disabled asks for thinking; budget_tokens
//	  output_config                effort; format, before the older output_format
//	  max_tokens                   not above zero, or missing, is no limit
//	  stop_sequences, stream
//	  metadata.user_id             the session in it, before one from the headers; the rest names a person and is nobody else's business
//
//	turned into words
//	  server_tool_use, mcp_tool_use and what their tools returned: a note with the call, the titles, addresses and texts
//	  blocks of types we do not know: their text, or a note that one was left out
//
//	  server tools (code_execution_..., web_fetch_..., ...), which have no schema: the system prompt says that they are missing. A web_search_...
//	  is listed by some clients in every request: it is named only where it is forced, or the only one
//
//	dropped
//	  the x-anthropic-billing-header line of a system prompt: it is not for the model, and differs in every request
//	  temperature, top_p, top_k, service_tier, container, context_management, inference_geo, speed, betas
//	  cache_control, citations, defer_loading, input_examples, eager_input_streaming, allowed_callers
//
//	refused (fault.Invalid, with the member's path as Param)
//	  malformed JSON, wrong types, nesting deeper than 200, more than 500,000 members and elements in all
//	  missing model (unless the key has one of its own), missing or empty messages, unknown roles, blocks without a type, calls and results without an id
//	  images and documents named by a file id, data that is not base64
//	  a tool_choice naming a tool that is not offered, unknown tool choices and formats
//	  mcp_servers, unless empty
//
// Thinking is rendered only for a client that asked for it: others take the first block of an answer for its text. Of an answer's input
// tokens those that a cache had are counted apart, as Anthropic does.
package anthropic
