package admin

import (
	"context"
	"net/http"

	"amq2api/backend/fault"
)

// Doctor knows why requests may have failed.
type Doctor interface {
	Diagnosis(ctx context.Context, requestID string) (found Diagnosis, known bool, err error)
}

// requestDoctor answers for every failed request on record. One that never came as far as Amazon has its own message for an explanation.
func (d *desk) requestDoctor(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	record, recorded, err := d.Usage.Request(r.Context(), id)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	found, examined, err := d.Doctor.Diagnosis(r.Context(), id)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	answer := RequestDoctor{Diagnosis: found}
	switch {
	case !recorded && !examined:
		d.refuse(w, r, fault.New(fault.NotFound, "There is no request %.60q on record.", id))
		return
	case recorded:
		shown := showRequest(record)
		answer.Request = &shown
	}
	switch {
	case examined:
	case record.Fault == "":
		answer.Explanation = "This request did not fail."
	default:
		answer.Explanation = record.Message
	}
	if answer.Findings == nil {
		answer.Findings = []Finding{}
	}
	d.answer(w, http.StatusOK, answer)
}
