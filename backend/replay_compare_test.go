package backend

import "testing"

func TestAnAnswerThatTookLongerIsTheSame(t *testing.T) {
	first := "event: response.created\ndata: {\"type\":\"response.created\"}\n\nevent: response.in_progress\ndata: {\"type\":\"response.in_progress\",\"sequence_number\":1}\n\n"
	kept := "event: response.in_progress\ndata: {\"type\":\"response.in_progress\",\"sequence_number\":1}\n\n: alive\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n"
	last := "event: response.completed\ndata: {\"type\":\"response.completed\"}\n\n"
	if found := firstDifference(answerLines([]byte(first+kept+last)), answerLines([]byte(first+last))); found != nil {
		t.Errorf("it differs: %q", found)
	}
	if found := firstDifference(answerLines([]byte(first+last)), answerLines([]byte(first))); found == nil {
		t.Error("a missing end is no difference")
	}
}
