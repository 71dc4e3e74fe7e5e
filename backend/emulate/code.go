package emulate

// code follows Markdown as it comes, byte by byte, and knows when it is inside code. The zero value is the beginning of a text.
type code struct {
	fenced bool // between lines of three or more backticks
	ticked int  // the length of the run that opened the code on this line; 0 if none is open
	run    int  // the length of the run of backticks that the text ends with
	worded bool // something else than white space stands on the line before the run
}

func (c *code) follow(b byte) {
	if b == '`' {
		c.run++
		return
	}
	c.settle()
	switch b {
	case '\n':
		c.ticked, c.worded = 0, false
	case ' ', '\t', '\r':
	default:
		c.worded = true
	}
}

// settle decides what a run of backticks was, once it has ended.
func (c *code) settle() {
	run := c.run
	c.run = 0
	switch {
	case run == 0:
		return
	case run >= len(ticks) && !c.worded:
		c.fenced = !c.fenced
	case c.fenced:
	case c.ticked == 0:
		c.ticked = run
	case c.ticked == run:
		c.ticked = 0
	}
	c.worded = true
}
