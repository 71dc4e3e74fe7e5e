package gateway_test

import "testing"

func TestARecordSaysHowMuchWasMoved(t *testing.T) {
	for _, d := range spokenDialects {
		for _, how := range []string{"", streaming} {
			h := newHouse(t, says("the answer"))
			request := h.request(d, how)
			sent := request.ContentLength
			answer := h.do(request)
			got := h.ledger.only(t)
			if got.BytesIn != sent || got.BytesOut != int64(answer.Body.Len()) || sent == 0 {
				t.Errorf("%s %q: %d bytes in and %d out, want %d and %d", d.name, how, got.BytesIn, got.BytesOut, sent, answer.Body.Len())
			}
		}
	}
}
