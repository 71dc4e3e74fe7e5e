package account

// Summary is the pool in a line.
type Summary struct {
	Ready, All int
	QuotaUsed  float64 // share of the quota of the account whose turn it is; negative if it is unknown or nobody's turn
}

// Summary says how many accounts can serve, and how far the one whose turn it is has used its quota.
func (p *Pool) Summary() Summary {
	next := p.Explain(Want{}).Next
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Summary{All: len(p.members), QuotaUsed: -1}
	now := p.config.Now()
	for id, m := range p.members {
		if m.ready(now) {
			s.Ready++
		}
		if id == next {
			s.QuotaUsed = m.quota.share()
		}
	}
	return s
}

// share is the used part of the allowance, more than 1 with overage, or -1 if it is unknown.
func (q Quota) share() float64 {
	if q.Used == nil || q.Limit == nil || *q.Limit <= 0 {
		return -1
	}
	return *q.Used / *q.Limit
}
