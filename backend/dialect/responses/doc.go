// Package responses is the Responses dialect: it reads requests into chat.Request and renders answers, streams and faults the way OpenAI's
// newer clients, Codex among them, expect them. It has no connection, context or clock; what it keeps, it keeps in the Store it was given.
//
// What becomes of a request's members (whatever is not named here is accepted and ignored):
//
//	honoured
//	  model                        echoed in the answer
//	  input                        a text, or items; an item with a role and no type is a message, one with only an id a reference
//	  message                      roles system and developer (anywhere), user, assistant
//	  content                      string, null, parts: input_text, output_text, refusal, input_image (data URI or http), input_file (file_data)
//	  function_call                arguments that are not a JSON object are put into one, under "arguments"; namespace
//	  custom_tool_call             its text is an object's "input"
//	  local_shell_call, ...        shell, computer and apply_patch calls: uses of tools with these names
//	  ..._call_output              text or parts; any other JSON as text
//	  reasoning                    its texts are thinking; what is encrypted is dropped
//	  item_reference               an item of a stored response
//	  additional_tools             tools, as in the list
//	  previous_response_id         the stored conversation comes before the input; its instructions do not
//	  instructions                 the system prompt, before leading system messages
//	  tools                        function, custom, and those in a namespace
//	  tool_choice                  auto, none, required, a named function or custom tool, allowed_tools (the others are taken off the list)
//	  parallel_tool_calls          false asks for at most one call
//	  text.format                  text, json_object, json_schema
//	  reasoning.effort             anything but none asks for thinking
//	  max_output_tokens            not above zero, or missing, is no limit
//	  stream, store                a response is stored unless store is false, or it failed
//	  prompt_cache_key             the session, before one from the headers
//	  metadata, temperature, top_p, reasoning.summary: repeated in the answer, that is all
//
//	turned into words
//	  a custom tool's grammar: part of its description
//	  what a namespace is for: part of its first tool's description
//	  items of types we do not know: a note that one was left out
//
//	  tools that OpenAI's servers run, or that only it describes: file_search, mcp, ...: the system prompt says that they are missing. Those that
//	  Codex always lists (web_search, image_generation, tool_search, local_shell) are named only where no other tool is left
//
//	dropped
//	  include, truncation, service_tier, safety_identifier, user, client_metadata, text.verbosity, detail
//	  items about such tools: web_search_call, mcp_call, tool_search_output, ...
//	  calls without a name: a stream that was cut left them in the client's history
//
//	refused (fault.Invalid, with the member's path as Param)
//	  malformed JSON, wrong types, nesting deeper than 200, more than 500,000 members and elements in all
//	  missing model (unless the key has one of its own), missing or empty input, unknown roles and part types, items with neither type, role nor id
//	  responses and items that are not stored (here), conversation, prompt, background
//	  input_audio, file_id, URLs that are neither http nor data, data that is not base64
//	  a tool_choice naming a tool that is not offered, unknown tool choices and formats
//
// A custom tool is a function with one text upstream. Its text is unpacked when the call is whole, so that it comes in one delta.
//
// Every stream has the whole set of events, because strict parsers and agents disagree about which ones may be missing. Thinking is a
// reasoning item with a summary. Runs of one kind are one item with one part. An item's id holds the response's, so that a reference leads
// to it.
package responses
