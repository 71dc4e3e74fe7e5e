package login

// SetOnline replaces the look at this computer's addresses.
func SetOnline(c *Client, online bool) { c.online = func() bool { return online } }
