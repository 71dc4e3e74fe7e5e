package amazonq

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"amq2api/backend/account"
)

// profilePage answers ListAvailableProfiles. Source: the official clients' models.
type profilePage struct {
	Profiles  list[profileEntry] `json:"profiles"`
	NextToken tolerant[string]   `json:"nextToken"`
}

type profileEntry struct {
	ARN         tolerant[string] `json:"arn"`
	ProfileName tolerant[string] `json:"profileName"`
}

// pageArguments ask for one page. Source: the official language server, for the size.
type pageArguments struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken,omitzero"`
}

const profilesPerPage = 10

// Profiles asks every region of the service which profiles a person may use, as the official clients do; one region that fails does not
// matter if another one has some. A Builder ID has none.
func (c *Client) Profiles(ctx context.Context, credential account.Credential) ([]account.Profile, error) {
	service, err := serviceOf(credential.Service)
	if err != nil {
		return nil, err
	}
	found, failures := make([][]account.Profile, len(service.regions)), make([]error, len(service.regions))
	var asking sync.WaitGroup
	for i, region := range service.regions {
		asking.Go(func() { found[i], failures[i] = c.profilesIn(ctx, credential, c.address(service, region)) })
	}
	asking.Wait()
	var profiles []account.Profile
	for _, profile := range slices.Concat(found...) {
		if !slices.ContainsFunc(profiles, func(known account.Profile) bool { return known.ARN == profile.ARN }) {
			profiles = append(profiles, profile)
		}
	}
	if len(profiles) == 0 {
		return nil, errors.Join(failures...) // that there are none would be a guess if not every region said so
	}
	return profiles, nil
}

// profilesIn asks one region.
func (c *Client) profilesIn(ctx context.Context, credential account.Credential, address string) ([]account.Profile, error) {
	var profiles []account.Profile
	err := paged(func(token string) (string, error) {
		var page profilePage
		arguments := pageArguments{MaxResults: profilesPerPage, NextToken: token}
		if err := c.ask(ctx, credential, question{operation: "ListAvailableProfiles", address: address, body: arguments}, &page); err != nil {
			return "", err
		}
		for _, entry := range page.Profiles.all() {
			if entry.ARN.value != "" {
				profiles = append(profiles, account.Profile{ARN: entry.ARN.value, Name: firstOf(entry.ProfileName.value, entry.ARN.value)})
			}
		}
		return page.NextToken.value, nil
	})
	if isBuilderID(err) {
		return nil, nil
	}
	return profiles, err
}

// isBuilderID tells the refusal that only means "no profiles". Source: an observed reply.
func isBuilderID(err error) bool {
	var f failure
	return errors.As(err, &f) && strings.Contains(f.message, "Builder ID is not supported")
}
