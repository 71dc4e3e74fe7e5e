package access

import "math"

// Amount is what requests use up.
type Amount struct {
	Requests int64
	Tokens   int64
	Cost     int64 // millionths of the price table's unit
}

func (a Amount) plus(b Amount) Amount {
	return Amount{a.Requests + b.Requests, a.Tokens + b.Tokens, a.Cost + b.Cost}
}

func (a Amount) minus(b Amount) Amount {
	return Amount{a.Requests - b.Requests, a.Tokens - b.Tokens, a.Cost - b.Cost}
}

// most is the larger of two in each respect.
func (a Amount) most(b Amount) Amount {
	return Amount{max(a.Requests, b.Requests), max(a.Tokens, b.Tokens), max(a.Cost, b.Cost)}
}

const million = 1_000_000

// millionths rounds up: a cost is never counted as less than it is.
func millionths(cost float64) int64 {
	scaled := math.Ceil(math.Round(cost*million*1000) / 1000)
	return int64(min(max(scaled, 0), math.MaxInt64/4))
}
