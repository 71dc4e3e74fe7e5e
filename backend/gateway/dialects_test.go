package gateway_test

import (
	"amq2api/backend/dialect/anthropic"
	"amq2api/backend/dialect/openai"
	"amq2api/backend/gateway"
)

func anthropicDialect() gateway.Dialect {
	d := gateway.DialectOf("anthropic", anthropic.Decode, anthropic.Fault)
	d.Models, d.Model, d.CountTokens = anthropic.Models, anthropic.Model, anthropic.CountTokens
	return d
}

func openaiDialect() gateway.Dialect {
	d := gateway.DialectOf("openai", openai.Decode, openai.Fault)
	d.Models, d.Model = openai.Models, openai.Model
	return d
}
