package gateway_test

import (
	"time"

	"amq2api/backend/dialect/anthropic"
	"amq2api/backend/dialect/openai"
	"amq2api/backend/dialect/responses"
	"amq2api/backend/gateway"
)

func anthropicDialect() gateway.Dialect {
	d := gateway.DialectOf("anthropic", anthropic.Decode, anthropic.Fault)
	d.Models, d.Model, d.CountTokens = anthropic.Models, anthropic.Model, anthropic.CountTokens
	return d
}

func responsesDialect() gateway.Dialect {
	spoken := &responses.Dialect{Store: responses.NewMemory(time.Now, 10, 1<<20, time.Hour)}
	d := gateway.DialectOf("responses", spoken.Decode, responses.Fault)
	d.Models, d.Model, d.Stored, d.Delete = openai.Models, openai.Model, spoken.Stored, spoken.Delete
	return d
}

func openaiDialect() gateway.Dialect {
	d := gateway.DialectOf("openai", openai.Decode, openai.Fault)
	d.Models, d.Model = openai.Models, openai.Model
	return d
}
