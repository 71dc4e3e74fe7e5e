package bulk

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

const arn = "arn:aws:codewhisperer:us-east-1:123456789012:profile/ABC"

// readOne is the draft of a text with one sound account.
func readOne(t *testing.T, text string) account.Draft {
	t.Helper()
	rows, err := Read(text, secret.String{})
	if err != nil || len(rows) != 1 || rows[0].Problem != nil {
		t.Fatalf("rows %+v, %v; want one without a problem", rows, err)
	}
	return rows[0].Draft
}

// amazon is what the draft of a plain account looks like.
func amazon(change func(d *account.Draft)) account.Draft {
	d := account.Draft{Name: "Account 1", ClientID: "cid", Source: "import",
		Secrets: account.Secrets{RefreshToken: secret.New("rt"), ClientSecret: secret.New("cs")}}
	change(&d)
	return d
}

// kiro is the same account of the other service.
func kiro(change func(d *account.Draft)) account.Draft {
	return amazon(func(d *account.Draft) {
		d.Service, d.Method = account.Kiro, account.BuilderID
		change(d)
	})
}

func TestWhatOtherProgramsWriteIsUnderstood(t *testing.T) {
	later := time.Date(2026, 9, 1, 10, 2, 8, 0, time.UTC)
	for name, story := range map[string]struct {
		text string
		want account.Draft
	}{
		"the admin API": {
			`{"name":"Work","service":"amazonq","method":"identity_center","refresh_token":"rt","client_id":"cid","client_secret":"cs",
			"profile_arn":"` + arn + `","start_url":"https://acme.awsapps.com/start","sign_in_region":"eu-west-1","origin":"CLI","email":"a@b.c",
			"requests_per_minute":5,"max_concurrent":2,"spacing_ms":250,"daily_credits":1.5,"reserve_credits":10,"priority":3,"weight":7,
			"notes":"of\nAnn","is_active":false,"id":12,"health":{"status":"ready"}}`,
			amazon(func(d *account.Draft) {
				d.Name, d.Service, d.Method, d.ProfileARN = "Work", account.AmazonQ, account.IdentityCenter, arn
				d.StartURL, d.SignInRegion, d.Origin, d.Email, d.Notes = "https://acme.awsapps.com/start", "eu-west-1", "CLI", "a@b.c", "of\nAnn"
				d.Active = new(false)
				d.Pace = account.EnvelopeEdit{RequestsPerMinute: new(5), MaxConcurrent: new(2), SpacingMS: new(250), DailyCredits: new(1.5),
					ReserveCredits: new(10.0), Priority: new(3), Weight: new(7)}
			}),
		},
		"camel case": {
			`[{"label":"Mine","refreshToken":"rt","clientId":"cid","clientSecret":"cs","profileArn":"` + arn + `","isActive":"yes"}]`,
			amazon(func(d *account.Draft) { d.Name, d.ProfileARN, d.Active = "Mine", arn, new(true) }),
		},
		"capitals, spaces and dashes": {
			`{"Refresh Token":" rt ","CLIENT-ID":"cid","Client.Secret":"cs","Requests per minute":"10","e-mail":"a@b.c"}`,
			amazon(func(d *account.Draft) {
				d.Name, d.Email, d.Pace.RequestsPerMinute = "a@b.c", "a@b.c", new(10)
			}),
		},
		"Kiro's token file with its client": {
			`{"accessToken":"at","refreshToken":"rt","expiresAt":"2020-01-01T00:00:00Z","clientIdHash":"h","authMethod":"IdC","provider":"BuilderId",
			"region":"us-east-1","clientId":"cid","clientSecret":"cs"}`,
			kiro(func(d *account.Draft) { d.SignInRegion = "us-east-1" }),
		},
		"Kiro's token file of a company": {
			`{"refreshToken":"rt","authMethod":"IdC","provider":"Enterprise","region":"us-east-1","idcRegion":"eu-west-1","clientId":"cid",
			"clientSecret":"cs","startUrl":"https://acme.awsapps.com/start"}`,
			kiro(func(d *account.Draft) {
				d.Method, d.SignInRegion, d.StartURL = account.IdentityCenter, "eu-west-1", "https://acme.awsapps.com/start"
			}),
		},
		"IdC without a provider": {
			`{"refreshToken":"rt","authMethod":"idc","clientId":"cid","clientSecret":"cs","ssoRegion":"eu-west-1","region":"us-east-1","apiKey":"mine"}`,
			kiro(func(d *account.Draft) { d.Method, d.SignInRegion = "", "eu-west-1" }),
		},
		"Kiro's token file of a social sign-in": {
			`{"accessToken":"at","refreshToken":"rt","profileArn":"` + arn + `","expiresAt":"2026/01/12 02:32:20","authMethod":"social","provider":"Google"}`,
			kiro(func(d *account.Draft) {
				d.Method, d.ProfileARN, d.ClientID, d.Secrets.ClientSecret = account.Social, arn, "", secret.String{}
			}),
		},
		"a provider alone": {
			`{"refreshToken":"rt","provider":"Github","clientId":"","clientSecret":null}`,
			kiro(func(d *account.Draft) {
				d.Method, d.ClientID, d.Secrets.ClientSecret = account.Social, "", secret.String{}
			}),
		},
		"credentials apart": {
			`{"version":"1.2","accounts":[{"email":"a@b.c","idp":"BuilderId","credentials":{"accessToken":"at","refreshToken":"rt","clientId":"cid",
			"clientSecret":"cs","expiresAt":1768000000000,"authMethod":"IdC"},"usage":{"weight":999},"accessToken":"old",
			"expiresAt":1}]}`,
			kiro(func(d *account.Draft) { d.Name, d.Email = "a@b.c", "a@b.c" }),
		},
		"builder-id of another service": {
			`{"service":"Amazon Q","auth_method":"builder-id","refresh_token":"rt","client_id":"cid","client_secret":"cs","provider":"AWS"}`,
			kiro(func(d *account.Draft) { d.Service = account.AmazonQ }),
		},
		"an API key": {
			`{"name":"Key","kiroApiKey":"rt"}`,
			kiro(func(d *account.Draft) {
				d.Name, d.Method, d.ClientID, d.Secrets.ClientSecret = "Key", account.APIKey, "", secret.String{}
			}),
		},
		"an API key by method": {
			`{"name":"Key","authMethod":"api_key","refreshToken":"rt","service":"kiro"}`,
			kiro(func(d *account.Draft) {
				d.Name, d.Method, d.ClientID, d.Secrets.ClientSecret = "Key", account.APIKey, "", secret.String{}
			}),
		},
		"a registration that ends": {
			`{"refresh_token":"rt","client_id":"cid","client_secret":"cs","client_secret_expires_at":"2026-09-01T12:02:08+02:00","expires_at":1}`,
			amazon(func(d *account.Draft) { d.ClientExpiresAt = later }),
		},
		"a client file with seconds": {
			`{"refreshToken":"rt","clientId":"cid","clientSecret":"cs","clientSecretExpiresAt":1788256928}`,
			amazon(func(d *account.Draft) { d.ClientExpiresAt = later }),
		},
		"a client file with milliseconds as text": {
			`{"refreshToken":"rt","clientId":"cid","clientSecret":"cs","registrationExpiresAt":"1788256928000"}`,
			amazon(func(d *account.Draft) { d.ClientExpiresAt = later }),
		},
		"a client file of the AWS CLI": {
			`{"refreshToken":"rt","clientId":"cid","clientSecret":"cs","expiresAt":"2026-09-01T10:02:08UTC","scopes":["a","b"]}`,
			amazon(func(d *account.Draft) { d.ClientExpiresAt = later }),
		},
		"a registration that never ends": {
			`{"refreshToken":"rt","clientId":"cid","clientSecret":"cs","clientSecretExpiresAt":0,"name":12}`,
			amazon(func(d *account.Draft) { d.Name = "12" }),
		},
		"a table from a spreadsheet": {
			"\ufeffName;Refresh Token;Client ID;Client Secret;Is Active;Priority;Notes\r\n\"A; \"\"B\"\"\";rt;cid;cs;TRUE;2.0;\"two\r\nlines\"\r\n;;;;;;\r\n",
			amazon(func(d *account.Draft) {
				d.Name, d.Active, d.Pace.Priority, d.Notes = `A; "B"`, new(true), new(2), "two\nlines"
			}),
		},
		"a table with tabs whose first column has no name": {
			"\trefreshToken\tclientId\tclientSecret\tlabel\n0\trt\tcid\tcs\tA, B\n",
			amazon(func(d *account.Draft) { d.Name = "A, B" }),
		},
		"a table of keys": {
			"api_key\nrt\n",
			kiro(func(d *account.Draft) {
				d.Method, d.ClientID, d.Secrets.ClientSecret = account.APIKey, "", secret.String{}
			}),
		},
		"a table with commas and a short row": {
			"refresh_token,client_id,client_secret,weight,notes\nrt,cid,cs\n",
			amazon(func(*account.Draft) {}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := readOne(t, story.text); !reflect.DeepEqual(got, story.want) {
				t.Errorf("read\n%+v, want\n%+v", got, story.want)
			}
		})
	}
}

func TestABrokenRowNamesItsFieldAndLeavesTheOthersAlone(t *testing.T) {
	for change, param := range map[string]string{
		`"refresh_token":null`:                                "refresh_token",
		`"refreshToken":{"a":1}`:                              "refresh_token",
		`"client_id":true`:                                    "client_id",
		`"client_secret":[]`:                                  "client_secret",
		`"client_secret":"ключ"`:                              "client_secret",
		`"name":"two\nlines"`:                                 "name",
		`"method":"external_idp"`:                             "method",
		`"method":{}`:                                         "method",
		`"method":"social"`:                                   "client_id",
		`"authMethod":"social","provider":"BuilderId"`:        "method",
		`"authMethod":"idc","provider":"Google"`:              "method",
		`"apiKey":"ksk_1"`:                                    "method",
		`"auth_method":"idc","authMethod":"social"`:           "method",
		`"api_key":"a","apiKey":"b"`:                          "refresh_token",
		`"name":"` + strings.Repeat("é", 101) + `"`:           "name",
		`"service":"bedrock"`:                                 "service",
		`"profileArn":"arn:aws:iam::1:user/me"`:               "profile_arn",
		`"startUrl":"http://acme"`:                            "start_url",
		`"region":"Frankfurt"`:                                "sign_in_region",
		`"idcRegion":"eu-west-1","ssoRegion":"eu-central-1"`:  "sign_in_region",
		`"requests_per_minute":1.5`:                           "requests_per_minute",
		`"requests_per_minute":"many"`:                        "requests_per_minute",
		`"max_concurrent":true`:                               "max_concurrent",
		`"max_concurrent":"NaN"`:                              "max_concurrent",
		`"spacing_ms":1e300`:                                  "spacing_ms",
		`"weight":0`:                                          "weight",
		`"daily_credits":"1,5"`:                               "daily_credits",
		`"reserve_credits":-1`:                                "reserve_credits",
		`"is_active":"perhaps"`:                               "is_active",
		`"is_active":2`:                                       "is_active",
		`"clientSecretExpiresAt":"tomorrow"`:                  "client_secret_expires_at",
		`"clientSecretExpiresAt":-1`:                          "client_secret_expires_at",
		`"expiresAt":"2026/01/12 02:32:20"`:                   "client_secret_expires_at",
		`"client_id":"one","clientId":"two"`:                  "client_id",
		`"credentials":{"client_id":"two"},"client_id":"one"`: "client_id",
	} {
		members := []string{change}
		for _, member := range []string{"refresh_token", "client_id", "client_secret", "name"} {
			if !strings.Contains(change, `"`+member+`"`) && !strings.Contains(change, "refreshToken") {
				members = append(members, fmt.Sprintf("%q:%q", member, member))
			}
		}
		rows, err := Read(`[{"refreshToken":"a","clientId":"b","clientSecret":"c"},{`+strings.Join(members, ",")+`}]`, secret.String{})
		if err != nil || len(rows) != 2 || rows[0].Problem != nil || rows[1].Number != 2 {
			t.Errorf("%s: %+v, %v", change, rows, err)
			continue
		}
		p := rows[1].Problem
		if p == nil || p.Kind != fault.Invalid || p.Param != param || p.Message == "" || !reflect.DeepEqual(rows[1].Draft, account.Draft{}) {
			t.Errorf("%s: problem %v at %+v; want one of %s and no draft", change, p, rows[1], param)
		}
	}
}

func TestRowsThatAreNoAccountsHaveProblemsOfTheirOwn(t *testing.T) {
	for text, numbers := range map[string][]int{
		`[1,{"apiKey":"k"},null,[{}],"x",{}]`:                                   {1, 3, 4, 5, 6},
		"apiKey,name\nk1,A\nk\"2,B\nk3,C,more\n\n,,,\nk4,D,\n\"k5\",\"E\"x\n":   {2, 3, 5},
		"name;refresh_token;method\nA;t1;api_key\nB;t2;social\nC;t3;builder_id": {3},
	} {
		rows, err := Read(text, secret.String{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		var broken []int
		for i, row := range rows {
			if row.Number != i+1 {
				t.Errorf("row %d has the number %d", i+1, row.Number)
			}
			if row.Problem != nil {
				broken = append(broken, row.Number)
			}
		}
		if !reflect.DeepEqual(broken, numbers) {
			t.Errorf("%s: rows %v have problems, want %v: %+v", text, broken, numbers, rows)
		}
	}
}

func TestTheSecondRowWithATokenIsTold(t *testing.T) {
	rows, err := Read("name,api_key,priority\nA,k1,1000\nB,k1,1\nC,k2,1\nD, k1 ,2\n", secret.String{})
	if err != nil || len(rows) != 4 {
		t.Fatal(rows, err)
	}
	if rows[1].Problem != nil || rows[2].Problem != nil {
		t.Errorf("a token that only a broken row had before is not taken: %+v", rows)
	}
	p := rows[3].Problem
	if p == nil || p.Kind != fault.Conflict || p.Param != "refresh_token" || !strings.Contains(p.Message, "row 2 ") || rows[3].Name != "D" {
		t.Errorf("the repetition is %+v", rows[3])
	}
}

func TestATextThatIsNoneIsRefusedWithASentence(t *testing.T) {
	for name, story := range map[string]struct{ text, says string }{
		"nothing":             {"", "none of the forms"},
		"prose":               {"Dear Ann,\nhere are my accounts.", "none of the forms"},
		"a table of tokens":   {"name,e-mail\nA,a@b.c", "refresh_token or api_key"},
		"only a header":       {"name,api_key\n", "no account"},
		"an empty array":      {"[]", "no account"},
		"an empty list":       {`{"accounts":[],"apiKey":"k"}`, "no account"},
		"no list":             {`{"accounts":{"a":1}}`, "must be an array"},
		"half of an object":   {"[\n{\"apiKey\":\n", "line 2"},
		"two objects":         {"{\"apiKey\":\"a\"}\n{\"apiKey\":\"b\"}", "line 2"},
		"a lone surrogate":    {`{"apiKey":"\ud800"}`, "not whole JSON"},
		"Latin-1":             {"name,api_key\nJos\xe9,k", "UTF-8"},
		"a newer sealed file": {`{"amq2api":2,"accounts":[{"apiKey":"k"}]}`, "Another version"},
		"too much":            {strings.Repeat(" ", maxText+1), "1 MiB"},
		"too many objects":    {"[" + strings.Repeat("{},", maxRows) + "{}]", "1,000"},
		"too many lines":      {"api_key\n" + strings.Repeat("k\n", maxRows+1), "1,000"},
	} {
		rows, err := Read(story.text, secret.String{})
		f := fault.Of(err)
		if f == nil || f.Kind != fault.Invalid || f.Param != "text" || !strings.Contains(f.Message, story.says) || rows != nil {
			t.Errorf("%s: %d rows, %v; want a word of %q", name, len(rows), err, story.says)
		}
	}
	if rows, err := Read("api_key\n"+strings.Repeat("k\n", maxRows), secret.String{}); err != nil || len(rows) != maxRows {
		t.Errorf("as many rows as may be: %d, %v", len(rows), err)
	}
}

func TestNoSecretShowsInARowOrAnError(t *testing.T) {
	const canary = "canary-7f3a"
	good := `"refreshToken":"` + canary + `","clientId":"cid","clientSecret":"` + canary + `"`
	for _, text := range []string{
		`{` + good + `}`,
		`[{` + good + `},{` + good + `}]`,
		`[{` + good + `,"weight":"` + canary + `","region":"` + canary + `","profile_arn":"` + canary + `"}]`,
		`{` + good + `,"service":"` + canary + `"}`,
		`{` + good + `,"method":"` + canary + `"}`,
		`{` + good + `,"isActive":"` + canary + `"}`,
		`{` + good + `,"clientSecretExpiresAt":"` + canary + `"}`,
		`{` + good + `,"startUrl":"http://` + canary + `/%zz"}`,
		`{` + good + `,"apiKey":"` + canary + `2"}`,
		`{` + good + `,"client_secret":"` + canary + `é"}`,
		`{` + good + `,"refresh_token":"` + canary + ` ` + canary + `"}`,
		`{` + good, `{` + good + `} ` + canary, `{` + good + ` "` + canary + `"`, `{` + good + `,"` + canary + `\x`,
		`{"amq2api":"` + canary + `"}`, canary, "name," + canary,
		"name,apiKey\nA," + canary + "\nB,\"" + canary + "\"x\n" + canary + "," + canary + "," + canary,
		"-----BEGIN AGE ENCRYPTED FILE-----\n" + canary,
	} {
		for _, passphrase := range []string{"", canary} {
			rows, err := Read(text, secret.New(passphrase))
			shown := fmt.Sprintf("%+v %#v %v %s", rows, rows, err, fault.Of(err))
			for _, row := range rows {
				shown += fmt.Sprintf("%+v %#v", row, row.Problem)
			}
			if strings.Contains(shown, canary) {
				t.Errorf("%s shows as %s", text, shown)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`[{"refreshToken":"a","clientId":"b","clientSecret":"c"},{"apiKey":"k"},3]`, `{"accounts":[{"credentials":{"kiroApiKey":1}}],"amq2api":1}`,
		"name;api_key;weight\n\"A\";k;2\n", "\ufeffemail\trefreshToken\tprovider\r\na@b.c\trt\tGoogle\r\n", `{"expiresAt":1e99,"client_secret":"x"}`,
		"-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3YxCg==\n-----END AGE ENCRYPTED FILE-----\n",
		`{"refresh_token":"a","method":"api_key","service":"kiro","daily_credits":"inf","spacing_ms":"0x10","is_active":"on"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := Read(text, secret.New("correct horse battery"))
		if (err == nil) != (len(rows) > 0) || len(rows) > maxRows {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		if f := fault.Of(err); f != nil && (f.Kind != fault.Invalid || f.Param != "text" && f.Param != "passphrase") {
			t.Fatalf("refused with %v", err)
		}
		tokens := make(map[string]bool)
		for i, row := range rows {
			if row.Number != i+1 || row.Name == "" {
				t.Fatalf("row %d is %+v", i+1, row)
			}
			if row.Problem != nil {
				continue
			}
			token := row.Draft.Secrets.RefreshToken.Reveal()
			if err := row.Draft.Check(); err != nil || row.Draft.Source != "import" || tokens[token] {
				t.Fatalf("row %d is sound, but %v: %+v", i+1, err, row)
			}
			tokens[token] = true
		}
	})
}

func TestWhatIsWrongWithARowIsSaidInACode(t *testing.T) {
	rows, err := Read(`[{"refreshToken":"aor-one","name":"a","weight":"heavy"},{"name":"b","refreshToken":"has space","clientId":"c","clientSecret":"s"},
		{"name":"c","refreshToken":"aor-1","clientId":"c","clientSecret":"s"},{"name":"d","refreshToken":"aor-1","clientId":"c","clientSecret":"s"}, 7]`, secret.String{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]fault.SaidCode{"a": fault.ValueNotNumber, "b": fault.ValueBroken, "d": fault.RowRepeats}
	for _, row := range rows {
		said := fault.Said{}
		if row.Problem != nil {
			said = row.Problem.Says()
		}
		if said.Code != want[row.Name] && row.Name != "Account 5" {
			t.Errorf("%s says %+v", row.Name, said)
		}
	}
	if last := rows[len(rows)-1].Problem; last == nil || last.Says().Code != fault.RowNoAccount {
		t.Errorf("what is no account says %+v", last)
	}
}
