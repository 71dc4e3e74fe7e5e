package settings

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"amq2api/backend/fault"
)

// The bounds of what can be chosen. The longest wait for an account stays below what a request waits at most. Times are in seconds.
const (
	maxQueueWait = 50
	minSilence   = 30
	maxSilence   = 900
	maxHosts     = 20

	maxBackupHours = 31 * 24
	maxBackups     = 365
)

// Everywhere, as ListenOn, is every address of this computer.
const Everywhere = "*"

// Direct, as UpstreamProxy, is no proxy at all, whatever the environment says.
const Direct = "direct"

var hostForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?$`)

// Validate refuses settings nobody can mean, with fault.Invalid naming the field.
func (s Settings) Validate() error {
	switch {
	case s.Port < 1 || s.Port > 65535:
		return invalid("port", "port must be from 1 to 65535.").Saying(fault.Said{Code: fault.ValueOutOfRange, Name: "port", Count: 1, Limit: 65535})
	case !slices.Contains([]string{"debug", "info", "warn", "error"}, s.LogLevel):
		return invalid("log_level", "log_level must be debug, info, warn or error.").Saying(fault.Said{Code: fault.ValueChoice, Name: "log_level", Text: "debug, info, warn, error"})
	case strings.TrimSpace(s.DefaultModel) == "":
		return invalid("default_model", "default_model is missing.").Saying(fault.Said{Code: fault.ValueMissing, Name: "default_model"})
	case !slices.Contains([]string{"", "en", "zh-CN"}, s.Language):
		return invalid("language", "language must be en, zh-CN, or empty to follow the system.")
	case !slices.Contains([]string{"", "light", "dark"}, s.Theme):
		return invalid("theme", "theme must be light, dark, or empty to follow the system.")
	case s.QueueWait < 0 || s.QueueWait > maxQueueWait:
		return invalid("queue_wait_s", "queue_wait_s must be from 0 to %d seconds.", maxQueueWait).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: "queue_wait_s", Limit: maxQueueWait})
	case s.UpstreamSilence < minSilence || s.UpstreamSilence > maxSilence:
		return invalid("upstream_silence_s", "upstream_silence_s must be from %d to %d seconds.", minSilence, maxSilence).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: "upstream_silence_s", Count: minSilence, Limit: maxSilence})
	}
	for _, check := range []func() error{s.validateBackups, s.validateListening, s.validateHosts, s.validateUpstreamProxy, s.validateRetention, s.validatePrices} {
		if err := check(); err != nil {
			return err
		}
	}
	return validateAliases(s.Aliases)
}

func (s Settings) validateBackups() error {
	switch {
	case s.BackupEveryHours < 0 || s.BackupEveryHours > maxBackupHours:
		return invalid("backup_every_hours", "backup_every_hours must be from 0, which is never, to %d hours.", maxBackupHours).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: "backup_every_hours", Limit: maxBackupHours})
	case s.BackupKeep < 1 || s.BackupKeep > maxBackups:
		return invalid("backup_keep", "backup_keep must be from 1 to %d.", maxBackups).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: "backup_keep", Count: 1, Limit: maxBackups})
	default:
		return nil
	}
}

// validateListening wants the user's word before anyone else can reach us.
func (s Settings) validateListening() error {
	address, err := netip.ParseAddr(s.ListenOn)
	switch {
	case s.ListenOn == "":
		return nil
	case s.ListenOn != Everywhere && (err != nil || address.Zone() != "" || address.IsUnspecified() || address.IsLoopback() || address.IsMulticast()):
		return invalid("listen_on", "listen_on must be an address of this computer such as 192.168.1.10, * for all of them, or empty for this computer only.").Saying(fault.Said{Code: fault.ValueForm, Name: "listen_on", Text: "192.168.1.10"})
	case !s.ListenConfirmed:
		return invalid("listen_confirmed", "Others on your network could then use the proxy with a key, and read what is sent, because it is not encrypted. "+
			"If that is what you want, set listen_confirmed to true as well.")
	default:
		return nil
	}
}

// validateHosts takes names as they stand in a Host header: nothing that could be read in two ways.
func (s Settings) validateHosts() error {
	if len(s.Hosts) > maxHosts {
		return invalid("hosts", "hosts may have at most %d names.", maxHosts)
	}
	for _, host := range s.Hosts {
		if !hostForm.MatchString(host) {
			return invalid("hosts", "%.80q is not a name like amq.example or amq.example:8443.", host).Saying(fault.Said{Code: fault.ValueForm, Name: "hosts", Text: "amq.example:8443"})
		}
	}
	return nil
}

func (s Settings) validateUpstreamProxy() error {
	if s.UpstreamProxy == "" || s.UpstreamProxy == Direct {
		return nil
	}
	const form = "upstream_proxy must be a URL like http://proxy.example:3128 or socks5://127.0.0.1:1080, %q for none, or empty to follow the environment."
	proxy, err := url.Parse(s.UpstreamProxy)
	if err != nil || proxy.Hostname() == "" || strings.Trim(proxy.Path, "/")+proxy.RawQuery+proxy.Fragment != "" {
		return invalid("upstream_proxy", form, Direct)
	}
	if _, hasPassword := proxy.User.Password(); hasPassword {
		return invalid("upstream_proxy", "Leave the password out of upstream_proxy: settings are not secret. Send it to PUT /admin/upstream-proxy/password, which keeps it in the vault.")
	}
	if !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, proxy.Scheme) {
		return invalid("upstream_proxy", form, Direct)
	}
	return validateProxyHost(strings.TrimSuffix(proxy.Hostname(), "."))
}

var numberForm = regexp.MustCompile(`(^|\.)(0[xX][0-9A-Fa-f]*|[0-9]+)$`)

// instanceNetworks are where clouds answer a machine's questions about itself, with secrets among the answers. Source: the clouds' documents.
var instanceNetworks = []netip.Prefix{netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("fd00:ec2::/32"), netip.MustParsePrefix("100.100.100.200/32")}

// validateProxyHost refuses what is no address of a proxy, also in the spellings of numbers that only some resolvers read.
func validateProxyHost(host string) error {
	address, err := netip.ParseAddr(host)
	address = address.Unmap()
	switch {
	case err != nil && numberForm.MatchString(host):
		return invalid("upstream_proxy", "Write the address in upstream_proxy as four numbers from 0 to 255, such as 192.168.1.10.").Saying(fault.Said{Code: fault.ValueForm, Name: "upstream_proxy", Text: "192.168.1.10"})
	case err != nil:
		return nil
	case address.IsUnspecified() || address.IsMulticast() || address.IsLinkLocalUnicast() || slices.ContainsFunc(instanceNetworks, func(p netip.Prefix) bool { return p.Contains(address) }):
		return invalid("upstream_proxy", "No proxy can be at %s. Enter the address of the proxy.", host)
	default:
		return nil
	}
}

// validateAliases wants both names of each alias, and each name once, whatever its case.
func validateAliases(aliases []Alias) error {
	seen := map[string]bool{}
	for i, alias := range aliases {
		name := strings.ToLower(strings.TrimSpace(alias.Name))
		switch {
		case name == "":
			return invalid("aliases", "Alias %d has no name.", i+1)
		case strings.Contains(strings.TrimSuffix(name, "*"), "*"):
			return invalid("aliases", "The alias %s has a * that is not at its end.", alias.Name)
		case strings.TrimSpace(alias.Model) == "":
			return invalid("aliases", "The alias %s has no model.", alias.Name)
		case seen[name]:
			return invalid("aliases", "The alias %s is there twice.", alias.Name)
		}
		seen[name] = true
	}
	return nil
}

func invalid(param, format string, args ...any) *fault.Error {
	return &fault.Error{Kind: fault.Invalid, Param: param, Message: fmt.Sprintf(format, args...)}
}
