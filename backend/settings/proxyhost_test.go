package settings

import "testing"

func TestAProxyIsNotWhereNoProxyCanBe(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:3128": true, "http://10.0.0.1:3128": true, "socks5://[fd00::1]:1080": true, "http://proxy.example:3128": true, "http://proxy1:3128": true, "http://8.8.8.8": true,
		"http://169.254.169.254": false, "http://[::ffff:a9fe:a9fe]:80": false, "http://[fd00:ec2::254]": false, "http://0.0.0.0:80": false, "http://[::]:80": false,
		"http://2852039166": false, "http://0xa9fea9fe": false, "http://127.1": false, "http://169.254.169.254.:80": false, "http://224.0.0.1": false, "http://100.100.100.200": false,
	} {
		s := Defaults()
		s.UpstreamProxy = address
		if err := s.Validate(); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}
