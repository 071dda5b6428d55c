package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"

	"recfin/store"
)

// errCredentials marks a failure to find credentials at all.
var errCredentials = errors.New("no credentials were found")

// newClient makes the service client, and the HTTP client for calls that a
// store may think about for minutes. It sends no request.
func newClient(ctx context.Context, opt Options, t tuning, c *clock) (*awss3.Client, aws.HTTPClient, error) {
	cfg, err := config.LoadDefaultConfig(ctx, loadOptions(opt, t)...)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: configuration of AWS: %w", store.ErrInvalid, err)
	}
	// The configuration puts the CA bundle of AWS_CA_BUNDLE into the transport,
	// for this type of client only: it is opened up no earlier than here.
	base, ok := cfg.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		return nil, nil, fmt.Errorf("%w: an HTTP client of type %T", store.ErrInvalid, cfg.HTTPClient)
	}
	patient := base.WithTransportOptions(func(tr *http.Transport) {
		tr.DialContext = dialIdle(t.connect, t.patience)
	})
	if cfg.Credentials != nil {
		cfg.Credentials = aws.NewCredentialsCache(marked{cfg.Credentials})
	}
	client := awss3.NewFromConfig(cfg, func(o *awss3.Options) {
		o.UsePathStyle = opt.PathStyle
		if opt.Endpoint != "" {
			o.BaseEndpoint = aws.String(opt.Endpoint)
		}
		o.Retryer = aws.NopRetryer{} // see call.go
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		o.DisableLogOutputChecksumValidationSkipped = true
		o.HTTPClient = clockClient{base, c}
	})
	return client, clockClient{patient, c}, nil
}

func loadOptions(opt Options, t tuning) []func(*config.LoadOptions) error {
	base := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
		tr.DialContext = dialIdle(t.connect, t.idle)
		tr.TLSHandshakeTimeout = t.connect
		tr.MaxIdleConns = 0
		tr.MaxIdleConnsPerHost = opt.requests()
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

// marked gives credentials, and errors that can be told from those of the store.
type marked struct{ inner aws.CredentialsProvider }

func (m marked) Retrieve(ctx context.Context) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c, err := m.inner.Retrieve(ctx)
	if err != nil {
		return c, fmt.Errorf("%w: %w", errCredentials, err)
	}
	return c, nil
}
