/// The script of the page. Without it the page is complete and loads itself anew; with it only the contents are replaced, so that neither
/// scrolling nor a screen reader is disturbed, and the map names the port under the pointer.
enum PageScript {
  static let text = """
    (()=>{"use strict";const $=i=>document.getElementById(i),every=+document.body.dataset.refresh*1000;let paused=false;
    const names={client:"client",local:"local",listener:"listener",bound:"bound",closing:"closing",reserved:"reserved"};
    document.addEventListener("pointermove",e=>{const svg=e.target.closest&&e.target.closest(".map svg");if(!svg)return;
    const box=svg.getBoundingClientRect(),v=svg.viewBox.baseVal,x=Math.floor((e.clientX-box.left)/box.width*v.width),
    y=Math.floor((e.clientY-box.top)/box.height*v.height),first=+svg.dataset.first,last=+svg.dataset.last,port=first-first%256+y*256+x;
    const out=svg.closest("figure").querySelector(".under");if(port<first||port>last||x<0||x>255){out.textContent="";return}
    let kind="free";for(const p of svg.querySelectorAll("path[data-kind]")){const q=svg.createSVGPoint();const down="v" in p.dataset;
    q.x=x+(down?0:.5);q.y=y+(down?.5:0);if(p.isPointInStroke(q)){kind=names[p.dataset.kind];break}}
    out.textContent="port "+port+": "+kind});
    const load=async()=>{if(paused||document.hidden)return;try{const r=await fetch(location.href,{cache:"no-store"});
    if(!r.ok)throw new Error("the server answers "+r.status);const d=new DOMParser().parseFromString(await r.text(),"text/html"),n=d.getElementById("content");
    if(!n)throw new Error("the answer is no page");$("content").replaceWith(document.adoptNode(n));document.title=d.title;$("problem").textContent=""}
    catch(e){$("problem").textContent="Not up to date: "+e.message}};
    const b=$("pause");if(every>0){b.hidden=false;b.onclick=()=>{paused=!paused;b.textContent=paused?"Resume":"Pause";b.setAttribute("aria-pressed",paused)};
    setInterval(load,every)}})()
    """
}
