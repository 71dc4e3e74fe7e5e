package admin

// Parameters of the routes about usage.
type (
	quotaQuery struct {
		Days int `query:"days" minimum:"1" maximum:"35" default:"14"`
	}
	windowQuery struct {
		From string `query:"from" description:"A date or an RFC 3339 time; 30 days back if left out, by hour 24 hours"`
		To   string `query:"to" description:"A date, which is included, or an RFC 3339 time, which is not; now if left out"`
		Zone string `query:"zone" description:"Whose days are meant, as in Europe/Berlin; the computer's own if left out"`
	}
	filterQuery struct {
		Key     []int64  `query:"key" description:"The id of a key, 0 for none; this and the next may be there several times"`
		Account []int64  `query:"account" description:"The id of the account that served, 0 for none"`
		Client  []string `query:"client" description:"The name of a client"`
		Dialect []string `query:"dialect" description:"anthropic, openai or responses"`
		Model   []string `query:"model" description:"A model that was used; in the list of requests also one that was asked for"`
		Status  []string `query:"status" description:"succeeded, failed, canceled, 2xx, 4xx, 5xx or a kind of fault"`
	}
	usageQuery struct {
		By string `query:"by" enum:"hour,day,key,account,model,client,dialect,fault" default:"day"`
		windowQuery
		filterQuery
		Compare string `query:"compare" description:"previous, or where the window to compare with begins"`
	}
	requestsQuery struct {
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" description:"Not for CSV, which has them all"`
		Before string `query:"before" description:"The id of the last request of the page before; the header Link has the address of the next page"`
		Text   string `query:"text" description:"Each of its words somewhere in its names, its id, its status or its message"`
		windowQuery
		filterQuery
	}
)
