package emulate

import (
	"slices"

	"amq2api/backend/chat"
)

// What models are told. Those with a verb are completed with a tool's name, a number of tokens, a schema or an error.
const (
	callAny        = "You must answer by calling one of your tools. An answer without a tool call is not accepted."
	callNamed      = "You must answer by calling the tool %s. An answer without this call is not accepted."
	callAnyAgain   = "You did not call a tool. Do not explain and do not ask: call one of your tools now."
	callNamedAgain = "You did not call the tool %s. Do not explain and do not ask: call it now."

	answerJSON   = "When you answer in text, answer with one JSON object and nothing else: no explanation before or after it, no code fence around it."
	answerSchema = "When you answer in text, answer with one JSON value that is valid against this JSON schema and nothing else: no explanation before or after it, no code fence around it.\n%s"
	repairJSON   = "Your answer cannot be used: %s\nAnswer again, with the corrected JSON and nothing else."

	repairCall = "Your call of the tool %s cannot be used: %s\nCall it again, with an input that is valid against its schema, and say nothing else."

	callWasCut  = "[AMQ2API: this call broke off while the model was still writing it. It never was whole, and nothing was executed. The same call would break off again: split the work into several smaller calls.]"
	callsRepeat = "[AMQ2API: this same call, with the same input, has now been made several times in a row. Making it again will not help. Do something else, or say what stands in the way.]"

	thinkFirst  = "Begin your answer by thinking the task through between <thinking> and </thinking>, once. Then give the answer itself without mentioning what you thought."
	thinkBudget = "Think no longer than about %d tokens."
	thinkEffort = "Think with %s effort."
)

// instructed is a copy of a request with one more paragraph at the end of its system text.
func instructed(request *chat.Request, text string) *chat.Request {
	changed := *request
	if changed.System != "" {
		text = changed.System + "\n\n" + text
	}
	changed.System = text
	return &changed
}

// answered is a copy of a request with the model's answer and a reply to it at the end. An empty answer is left out.
func answered(request *chat.Request, answer, reply string) *chat.Request {
	changed := *request
	changed.Messages = slices.Clone(request.Messages)
	if answer != "" {
		said := chat.Message{Role: chat.Assistant, Blocks: []chat.Block{chat.Text{Text: answer}}}
		changed.Messages = append(changed.Messages, said)
	}
	asked := chat.Message{Role: chat.User, Blocks: []chat.Block{chat.Text{Text: reply}}}
	changed.Messages = append(changed.Messages, asked)
	return &changed
}
