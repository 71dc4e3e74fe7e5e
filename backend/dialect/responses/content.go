package responses

import "amq2api/backend/chat"

// blocks reads a member that is text or parts.
func (c *content) blocks(name string) ([]chat.Block, *defect) {
	if c.text != "" {
		return []chat.Block{chat.Text{Text: c.text}}, nil
	}
	var blocks []chat.Block
	for i := range c.parts {
		block, bad := c.parts[i].block()
		if bad != nil {
			return nil, bad.under(name, i)
		}
		if block != (chat.Text{}) {
			blocks = append(blocks, block)
		}
	}
	return blocks, nil
}

func (p *part) block() (chat.Block, *defect) {
	switch p.Type {
	case "input_text", "output_text", "text", "summary_text", "reasoning_text":
		return chat.Text{Text: string(p.Text)}, nil
	case "refusal":
		return chat.Text{Text: p.Refusal}, nil
	case "input_image", "image_url":
		return p.image()
	case "input_file":
		return p.file()
	case "input_audio":
		return nil, defective("type", "is input_audio, but the models here cannot listen; send a transcript as text")
	case "":
		return nil, defective("type", "is missing")
	default:
		return nil, defective("type", "must be input_text, output_text, input_image, input_file or refusal, not %.40q", p.Type)
	}
}
