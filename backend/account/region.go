package account

import "strings"

// DefaultRegion is where accounts without a profile live. Source: the official CLI.
const DefaultRegion = "us-east-1"

// regionOf reads the fourth field of an ARN, arn:aws:codewhisperer:<region>:<account>:profile/<id>.
func regionOf(arn string) string {
	fields := strings.Split(arn, ":")
	if len(fields) < 6 || fields[3] == "" {
		return DefaultRegion
	}
	return fields[3]
}
