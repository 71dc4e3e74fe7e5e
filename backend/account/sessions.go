package account

import "container/list"

// maxSessions bounds how many clients' sessions are remembered.
const maxSessions = 1024

// sessions remembers which account served a client's session last. The session that was quiet for the longest is forgotten first. The
// zero value is empty.
type sessions struct {
	byName map[string]*list.Element // of a seat
	recent list.List                // of seats, the latest in front
}

type seat struct {
	session string
	account int64
}

func (s *sessions) account(session string) (int64, bool) {
	found, known := s.byName[session]
	if !known {
		return 0, false
	}
	return found.Value.(seat).account, true
}

// seat notes an account for a session. A request without a session leaves no trace.
func (s *sessions) seat(session string, account int64) {
	if session == "" {
		return
	}
	if s.byName == nil {
		s.byName = map[string]*list.Element{}
	}
	if found, known := s.byName[session]; known {
		found.Value = seat{session, account}
		s.recent.MoveToFront(found)
		return
	}
	s.byName[session] = s.recent.PushFront(seat{session, account})
	if s.recent.Len() > maxSessions {
		oldest := s.recent.Remove(s.recent.Back()).(seat)
		delete(s.byName, oldest.session)
	}
}
