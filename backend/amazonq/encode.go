package amazonq

// encode writes the conversation as the service's JSON. Only members of the official model are sent, because the service refuses
// others. Source of the names: the official CLI.
func (c *conversation) encode() []byte {
	b := make(body, 0, c.size())
	b.raw(`{"conversationState":{"conversationId":`)
	b.text(c.id)
	b.raw(`,"chatTriggerType":"MANUAL"`)
	if len(c.history) > 0 {
		b.raw(`,"history":`)
		for i := range c.history {
			b.separate('[', i)
			b.raw(`{"userInputMessage":{`)
			b.user(&c.history[i].user, c.origin)
			b.userContext(c.history[i].user.results, nil)
			b.raw(`}},{"assistantResponseMessage":{`)
			b.assistant(&c.history[i].assistant)
			b.raw(`}}`)
		}
		b.raw(`]`)
	}
	b.raw(`,"currentMessage":{"userInputMessage":{`)
	b.user(&c.current, c.origin)
	b.member(`,"modelId":`, c.model)
	b.userContext(c.current.results, c.tools)
	b.raw(`}}}`)
	b.member(`,"profileArn":`, c.profileARN)
	b.raw(`}`)
	return b
}

// body is a JSON text that is being written.
type body []byte

func (b *body) raw(text string) { *b = append(*b, text...) }

func (b *body) text(text string) {
	b.raw(`"`)
	*b = appendEscaped(*b, text)
	b.raw(`"`)
}

// member writes a member, from its comma on, unless its text is empty.
func (b *body) member(name, text string) {
	if text != "" {
		b.raw(name)
		b.text(text)
	}
}

// separate writes what goes before the i-th element of a list.
func (b *body) separate(open byte, i int) {
	if i > 0 {
		open = ','
	}
	*b = append(*b, open)
}

// paragraphs writes texts as one string with blank lines between them.
func (b *body) paragraphs(texts []string) {
	b.raw(`"`)
	for i, text := range texts {
		if i > 0 {
			b.raw(`\n\n`)
		}
		*b = appendEscaped(*b, text)
	}
	b.raw(`"`)
}

func (b *body) user(turn *userTurn, origin string) {
	b.raw(`"content":`)
	b.paragraphs(turn.text)
	b.member(`,"origin":`, origin)
	if len(turn.images) == 0 {
		return
	}
	b.raw(`,"images":`)
	for i, image := range turn.images {
		b.separate('[', i)
		b.raw(`{"format":"` + image.format + `","source":{"bytes":`)
		b.text(image.data)
		b.raw(`}}`)
	}
	b.raw(`]`)
}

func (b *body) userContext(results []toolResult, tools []tool) {
	if len(results)+len(tools) == 0 {
		return
	}
	b.raw(`,"userInputMessageContext":{`)
	if len(results) > 0 {
		b.raw(`"toolResults":`)
		for i := range results {
			b.separate('[', i)
			b.result(&results[i])
		}
		b.raw(`]`)
	}
	if len(tools) > 0 {
		if len(results) > 0 {
			b.raw(`,`)
		}
		b.raw(`"tools":`)
		for i := range tools {
			b.separate('[', i)
			b.tool(&tools[i])
		}
		b.raw(`]`)
	}
	b.raw(`}`)
}

func (b *body) result(result *toolResult) {
	b.raw(`{"toolUseId":`)
	b.text(result.id)
	b.raw(`,"content":`)
	for i, text := range result.text {
		b.separate('[', i)
		b.raw(`{"text":`)
		b.text(text)
		b.raw(`}`)
	}
	if result.failed {
		b.raw(`],"status":"error"}`)
	} else {
		b.raw(`],"status":"success"}`)
	}
}

func (b *body) tool(tool *tool) {
	b.raw(`{"toolSpecification":{"name":`)
	b.text(tool.name)
	b.raw(`,"description":`)
	b.text(tool.description)
	b.raw(`,"inputSchema":{"json":`)
	*b = append(*b, tool.schema...)
	b.raw(`}}}`)
}

func (b *body) assistant(turn *assistantTurn) {
	b.raw(`"content":`)
	b.paragraphs(turn.text)
	if len(turn.uses) == 0 {
		return
	}
	b.raw(`,"toolUses":`)
	for i, use := range turn.uses {
		b.separate('[', i)
		b.raw(`{"toolUseId":`)
		b.text(use.id)
		b.raw(`,"name":`)
		b.text(use.name)
		b.raw(`,"input":`)
		*b = append(*b, use.input...)
		b.raw(`}`)
	}
	b.raw(`]`)
}
