// Alerts, recording rules and dashboards as a monitoring mixin (https://monitoring.mixins.dev):
//
//   jb install github.com/portpool/portpool
//   local portpool = import 'github.com/portpool/portpool/mixin.libsonnet';
//
// The files themselves are in deploy/prometheus/rules and grafana/dashboards.
{
  prometheusAlerts+:: std.parseYaml(importstr 'deploy/prometheus/rules/portpool-alerts.yml'),
  prometheusRules+:: std.parseYaml(importstr 'deploy/prometheus/rules/portpool-records.yml'),
  grafanaDashboards+:: {
    'portpool-fleet.json': import 'grafana/dashboards/portpool-fleet.json',
    'portpool-host.json': import 'grafana/dashboards/portpool-host.json',
  },
}
