package s3

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"

	"recfin/store"
)

// clients are the ways to talk to the service.
type clients struct {
	api     *awss3.Client
	patient aws.HTTPClient // for calls that a store may think about for minutes
	keys    *keys          // nil where the service is asked without credentials
}

// newClients makes the clients. It sends no request.
func newClients(ctx context.Context, opt Options, t tuning, c *clock, secret *secrets) (clients, error) {
	cfg, err := config.LoadDefaultConfig(ctx, loadOptions(opt, t)...)
	if err != nil {
		return clients{}, fmt.Errorf("%w: configuration of AWS: %s", store.ErrInvalid, secret.redact(err.Error()))
	}
	// The configuration puts the CA bundle of AWS_CA_BUNDLE into the transport,
	// for this type of client only: it is opened up no earlier than here.
	base, ok := cfg.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		return clients{}, fmt.Errorf("%w: an HTTP client of type %T", store.ErrInvalid, cfg.HTTPClient)
	}
	fresh := base.WithTransportOptions(func(tr *http.Transport) { tr.DisableKeepAlives = true })
	patient := fresh.WithTransportOptions(func(tr *http.Transport) {
		tr.DialContext = dialIdle(t.connect, t.patience)
	})
	all := clients{patient: clockClient{patient, patient, c}}
	if cfg.Credentials != nil {
		all.keys = newKeys(cfg.Credentials, secret)
		cfg.Credentials = all.keys.cache
	}
	all.api = awss3.NewFromConfig(cfg, func(o *awss3.Options) {
		o.UsePathStyle = opt.PathStyle
		if opt.Endpoint != "" {
			o.BaseEndpoint = aws.String(opt.Endpoint)
		}
		o.Retryer = aws.NopRetryer{} // see call.go
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		o.DisableLogOutputChecksumValidationSkipped = true
		o.HTTPClient = clockClient{base, fresh, c}
	})
	return all, nil
}

// idleConns is how many connections are kept at least: of the reads and the parts of
// several recordings none should find the pool full and end the connection that the
// next one would have used. They are closed when they are idle for seconds.
const idleConns = 128

func loadOptions(opt Options, t tuning) []func(*config.LoadOptions) error {
	base := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
		tr.DialContext = dialIdle(t.connect, t.idle)
		tr.TLSHandshakeTimeout = t.connect
		tr.MaxIdleConns = 0
		tr.MaxIdleConnsPerHost = max(opt.requests(), idleConns)
		tr.IdleConnTimeout = t.idle / 2
		// A connection is one request, so that its idle deadline is too.
		tr.ForceAttemptHTTP2 = false
		tr.Protocols = new(http.Protocols)
		tr.Protocols.SetHTTP1(true)
	})
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(base),
		config.WithLogger(logging.Nop{}),
		config.WithDefaultRegion(defaultRegion),
	}
	if opt.Region != "" {
		load = append(load, config.WithRegion(opt.Region))
	}
	if opt.AccessKey != "" {
		static := credentials.NewStaticCredentialsProvider(opt.AccessKey, opt.SecretKey, "")
		load = append(load, config.WithCredentialsProvider(static))
	}
	return load
}
