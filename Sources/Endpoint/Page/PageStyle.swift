/// The style sheet of the page, light and dark.
enum PageStyle {
  static let text = """
    :root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#14181f;--soft:#5a6372;--line:#dfe3ea;--link:#1d5fd1;
    --free:#e4e8ef;--client:#2f6fde;--local:#0f9488;--listener:#8b3fe8;--bound:#d9730d;--closing:#d6408c;--reserved:#7d8699;
    --ok:#178a50;--warn:#b46a00;--bad:#cf2f2f;--okbg:#e6f5ec;--warnbg:#fdf1dc;--badbg:#fde8e7}
    @media (prefers-color-scheme:dark){:root{--bg:#0f1217;--card:#171b22;--ink:#e8ebf1;--soft:#9aa4b5;--line:#2a303b;--link:#7fb0ff;
    --free:#262c37;--client:#5b93ff;--local:#2cc4b4;--listener:#b58bff;--bound:#f0a04b;--closing:#f277b0;--reserved:#5e6779;
    --ok:#4cc987;--warn:#efb04a;--bad:#ff7b72;--okbg:#12291d;--warnbg:#2e230f;--badbg:#331816}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
    font-variant-numeric:tabular-nums}
    .wrap{max-width:1120px;margin:0 auto;padding:0 24px}
    header{border-bottom:1px solid var(--line);background:var(--card)}
    header .wrap{display:flex;flex-wrap:wrap;align-items:center;gap:4px 20px;padding-top:14px;padding-bottom:14px}
    .brand{display:flex;align-items:center;gap:10px;font-weight:700;font-size:18px;letter-spacing:-.01em;margin:0}
    .brand svg{width:22px;height:22px}
    .host{color:var(--soft);overflow-wrap:anywhere}
    nav{margin-left:auto;display:flex;align-items:center;gap:18px}
    a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:3px}
    :focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:4px}
    main{padding-top:20px!important}
    button{font:inherit;font-size:13px;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:2px 10px;cursor:pointer}
    #problem{color:var(--bad);font-weight:600;margin:0}#problem:not(:empty){margin-bottom:14px}
    h2{font-size:20px;letter-spacing:-.01em;margin:40px 0 14px}
    h3{font-size:16px;margin:32px 0 10px}
    .hero{border:1px solid var(--line);border-left:6px solid var(--tone);background:var(--card);border-radius:12px;padding:20px 24px}
    .ok{--tone:var(--ok);--tonebg:var(--okbg)}.warn{--tone:var(--warn);--tonebg:var(--warnbg)}.bad{--tone:var(--bad);--tonebg:var(--badbg)}
    .hero p{margin:0}.hero .tag{margin-bottom:6px}.hero .big{font-size:34px;line-height:1.2;font-weight:700;letter-spacing:-.02em}
    .hero .what{color:var(--soft);overflow-wrap:anywhere}
    .tag{display:inline-block;color:var(--tone);background:var(--tonebg);border-radius:99px;padding:1px 10px;font-size:13px;font-weight:600;white-space:nowrap}
    ul.warnings{list-style:none;padding:0;margin:18px 0;display:grid;gap:10px}
    ul.warnings li{background:var(--warnbg);border:1px solid var(--warn);border-radius:10px;padding:12px 16px;overflow-wrap:anywhere}
    code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--free);border-radius:5px;padding:2px 6px;
    overflow-wrap:anywhere}
    li code{display:block;width:fit-content;max-width:100%;margin-top:6px}
    .pools{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(240px,100%),1fr));gap:14px;list-style:none;margin:0;padding:0}
    .pool{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px 18px;display:grid;gap:8px;align-content:start}
    .pool h4{margin:0;font-size:15px;display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 10px}
    .pool p{margin:0;font-size:14px;color:var(--soft);overflow-wrap:anywhere}
    .pool strong{display:block;font-size:24px;line-height:1.2;color:var(--ink);letter-spacing:-.01em}
    .bar{display:block;width:100%;height:10px;border-radius:5px;background:var(--free)}
    .bar rect{fill:var(--tone)}
    figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px}
    figure+figure{margin-top:14px}
    figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 16px;margin-bottom:12px}
    figcaption b{font-size:16px}
    .under{color:var(--soft);font-size:14px;min-height:1.5em}
    .map{display:grid;grid-template-columns:auto 1fr;gap:10px}
    .axis{display:flex;flex-direction:column;justify-content:space-between;color:var(--soft);font-size:12px;line-height:1;text-align:right}
    .map svg{display:block;width:100%;height:auto;border-radius:4px;background:var(--free)}
    .map path{fill:none;stroke-width:1}
    .client{stroke:var(--client);background:var(--client)}.local{stroke:var(--local);background:var(--local)}
    .listener{stroke:var(--listener);background:var(--listener)}.bound{stroke:var(--bound);background:var(--bound)}
    .closing{stroke:var(--closing);background:var(--closing)}.reserved{stroke:var(--reserved);background:var(--reserved)}
    .free{background:var(--free);border:1px solid var(--soft)}.outside{stroke:var(--card)}.map .lines{stroke:var(--card);stroke-width:.22}
    .legend{list-style:none;display:flex;flex-wrap:wrap;gap:8px 22px;margin:14px 0 0;padding:0;font-size:14px}
    .legend li{display:flex;align-items:center;gap:8px}.legend b{font-weight:600}.legend span.note{color:var(--soft)}
    .swatch{width:14px;height:14px;border-radius:3px;flex:none}
    .zero{opacity:.55}
    .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:12px}
    table{border-collapse:collapse;width:100%;font-size:14px}
    th,td{padding:9px 14px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
    tbody tr:last-child>*{border-bottom:0}
    th{font-weight:600;color:var(--soft);font-size:13px}
    th.l,td.l{text-align:left}tbody th{color:var(--ink);font-size:14px;font-weight:500}
    td .bar{min-width:90px;height:8px}
    .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(260px,100%),1fr));gap:0 28px;margin:0;background:var(--card);
    border:1px solid var(--line);border-radius:12px;padding:8px 18px}
    .facts div{display:flex;justify-content:space-between;gap:14px;padding:7px 0;font-size:14px}
    .facts dt{color:var(--soft)}.facts dd{margin:0;text-align:right;overflow-wrap:anywhere}.facts .off dd{color:var(--bad);font-weight:600}
    footer{color:var(--soft);font-size:13px;margin:40px 0 32px}
    @media (max-width:640px){.wrap{padding:0 16px}nav{margin-left:0}.hero{padding:16px 18px}.hero .big{font-size:27px}figure{padding:12px}
    .map{grid-template-columns:1fr}.axis{flex-direction:row}.lines{display:none}th,td{padding:8px 10px}}
    @media (forced-colors:active){.bar,.swatch,.map svg{forced-color-adjust:none}}
    @media print{header,footer{display:none}body{background:#fff}}
    """
}
