"""The shapes that stand for kinds of products: flat drawings on a field of 240 by 240.

A shape is SVG markup with names for its colours: `{main}` is the product's own, `{dark}` and `{light}` are shades of
it, `{paper}` and `{ink}` are what labels and fine lines are drawn with. `{main}` is never the only colour of a shape,
so that a white product stays visible.
"""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "jacket": (
        '<path d="M84 54 52 74 36 168l28 8 10-52v72h92v-72l10 52 28-8-16-94-32-20-18 12h-36z" fill="{main}"/>'
        '<path d="M102 66l18 26 18-26 18-12-22-6h-28l-22 6z" fill="{dark}"/>'
        '<path d="M120 92v104" stroke="{dark}" stroke-width="4"/>'
        '<rect x="84" y="142" width="26" height="28" rx="4" fill="{light}"/>'
        '<rect x="130" y="142" width="26" height="28" rx="4" fill="{light}"/>'
        '<rect x="130" y="104" width="24" height="18" rx="3" fill="{light}"/>'
    ),
    "down_jacket": (
        '<path d="M86 56 50 78 36 170l30 8 8-48v68h92v-68l8 48 30-8-14-92-36-22-16 10h-36z" fill="{main}"/>'
        '<path d="M74 98h92M74 124h92M74 150h92M74 176h92M44 124l28 6M196 124l-28 6" '
        'stroke="{dark}" stroke-width="5" stroke-linecap="round"/>'
        '<path d="M88 58c4-18 60-18 64 0l-14 20h-36z" fill="{light}"/>'
        '<path d="M120 78v120" stroke="{paper}" stroke-width="4"/>'
    ),
    "shirt": (
        '<path d="M86 54 50 76 40 164l26 4 8-42v72h92v-72l8 42 26-4-10-88-36-22-34 18z" fill="{main}"/>'
        '<path d="M86 54l34 34 34-34-10-6-24 22-24-22z" fill="{light}"/>'
        '<path d="M120 88v110" stroke="{dark}" stroke-width="4"/>'
        '<g fill="{paper}"><circle cx="120" cy="110" r="4"/><circle cx="120" cy="138" r="4"/>'
        '<circle cx="120" cy="166" r="4"/></g>'
        '<path d="M134 104h22v22l-11 6-11-6z" fill="{dark}"/>'
    ),
    "tshirt": (
        '<path d="M88 56 44 80l14 42 18-8v84h88v-84l18 8 14-42-44-24c-8 16-56 16-64 0z" fill="{main}"/>'
        '<path d="M88 56c8 22 56 22 64 0l-8-4c-8 14-40 14-48 0z" fill="{dark}"/>'
        '<path d="M76 186h88v12H76z" fill="{light}"/>'
    ),
    "long_sleeve": (
        '<path d="M88 54 54 74 38 178l24 6 14-64v78h88v-78l14 64 24-6-16-104-34-20c-8 14-56 14-64 0z" fill="{main}"/>'
        '<path d="M88 54c8 20 56 20 64 0l-8-4c-8 12-40 12-48 0z" fill="{dark}"/>'
        '<path d="M40 166l25 6-3 12-24-6zM200 166l-25 6 3 12 24-6zM76 186h88v12H76z" fill="{dark}"/>'
    ),
    "hoodie": (
        '<path d="M84 62 52 80 38 176l26 6 12-58v74h88v-74l12 58 26-6-14-96-32-18z" fill="{main}"/>'
        '<path d="M80 70c0-36 80-36 80 0-12 24-68 24-80 0z" fill="{dark}"/>'
        '<path d="M94 70c4-18 48-18 52 0-8 14-44 14-52 0z" fill="{ink}" opacity=".5"/>'
        '<path d="M96 140h48l12 34H84z" fill="{light}"/>'
        '<path d="M110 88v26M130 88v26" stroke="{paper}" stroke-width="4" stroke-linecap="round"/>'
    ),
    "trousers": (
        '<path d="M78 44h84l14 156h-40l-16-98-16 98H64z" fill="{main}"/>'
        '<path d="M78 44h84l1 16H77z" fill="{dark}"/>'
        '<path d="M120 60v42" stroke="{dark}" stroke-width="4"/>'
        '<rect x="72" y="112" width="28" height="32" rx="4" fill="{light}"/>'
        '<rect x="140" y="112" width="28" height="32" rx="4" fill="{light}"/>'
        '<path d="M72 122h28M140 122h28" stroke="{dark}" stroke-width="4"/>'
        '<path d="M66 186h39l-2 14H64zM136 186h39l1 14h-40z" fill="{dark}"/>'
    ),
    "overalls": (
        '<path d="M88 96h64l14 104h-34l-12-66-12 66H74z" fill="{main}"/>'
        '<rect x="92" y="68" width="56" height="42" rx="5" fill="{main}"/>'
        '<path d="M96 72 84 40M144 72l12-32" stroke="{dark}" stroke-width="10" stroke-linecap="round"/>'
        '<rect x="104" y="78" width="32" height="22" rx="4" fill="{light}"/>'
        '<path d="M84 106h72v10H84z" fill="{dark}"/>'
        '<circle cx="98" cy="74" r="5" fill="{paper}"/><circle cx="142" cy="74" r="5" fill="{paper}"/>'
    ),
    "shoe": (
        '<path d="M46 108c20 14 44 12 56-8l62 40c20 4 34 12 36 30H46z" fill="{main}"/>'
        '<path d="M40 168h164v10a8 8 0 0 1-8 8H48a8 8 0 0 1-8-8z" fill="{dark}"/>'
        '<path d="M160 140c20 4 36 12 38 28h-46c-4-12 0-22 8-28z" fill="{light}"/>'
        '<path d="M108 116l-12 14M124 126l-12 14M140 136l-12 14" stroke="{paper}" stroke-width="6" '
        'stroke-linecap="round"/>'
    ),
    "boot": (
        '<path d="M74 44h56v72l46 24c14 6 20 14 20 30H74z" fill="{main}"/>'
        '<path d="M68 168h132v12a8 8 0 0 1-8 8H76a8 8 0 0 1-8-8z" fill="{dark}"/>'
        '<path d="M74 44h56v18H74z" fill="{dark}"/>'
        '<path d="M158 132l18 8c14 6 20 14 20 28h-46c-4-14 0-26 8-36z" fill="{light}"/>'
        '<path d="M112 78h18M112 94h18M112 110h20" stroke="{paper}" stroke-width="6" stroke-linecap="round"/>'
    ),
    "belt": (
        '<circle cx="120" cy="122" r="64" fill="none" stroke="{main}" stroke-width="26"/>'
        '<circle cx="120" cy="122" r="64" fill="none" stroke="{dark}" stroke-width="3" stroke-dasharray="7 7"/>'
        '<rect x="92" y="164" width="56" height="44" rx="8" fill="{paper}"/>'
        '<rect x="102" y="173" width="36" height="26" rx="5" fill="{dark}"/>'
        '<path d="M120 186h26" stroke="{paper}" stroke-width="6" stroke-linecap="round"/>'
    ),
    "glove": (
        '<path d="M84 196v-60l-22-28c-8-12 6-22 16-12l16 16V64c0-14 20-14 20 0v36V52c0-14 20-14 20 0v48V60c0-14 20-14 '
        '20 0v46-22c0-14 20-14 20 0v64c0 18-8 30-12 48z" fill="{main}"/>'
        '<rect x="80" y="180" width="86" height="26" rx="6" fill="{dark}"/>'
        '<path d="M104 142h58" stroke="{light}" stroke-width="9" stroke-linecap="round"/>'
    ),
    "cap": (
        '<path d="M58 146c0-84 124-84 124 0z" fill="{main}"/>'
        '<path d="M58 146h124c24 2 34 12 34 22-40-12-110-12-158-4z" fill="{dark}"/>'
        '<path d="M120 84c-14 14-20 38-20 62M120 84c14 14 20 38 20 62" fill="none" stroke="{light}" stroke-width="4"/>'
        '<circle cx="120" cy="82" r="7" fill="{dark}"/>'
    ),
    "socks": (
        '<path d="M74 46h44v88l-26 44c-10 16-44 10-40-14 2-14 22-16 22-36z" fill="{main}"/>'
        '<path d="M134 46h44v88l-26 44c-10 16-44 10-40-14 2-14 22-16 22-36z" fill="{dark}"/>'
        '<path d="M74 46h44v20H74zM134 46h44v20h-44z" fill="{light}"/>'
    ),
    "bottle_baby": (
        '<path d="M108 46c0-16 24-16 24 0l6 18h-36z" fill="{light}"/>'
        '<rect x="86" y="62" width="68" height="22" rx="8" fill="{dark}"/>'
        '<rect x="80" y="84" width="80" height="120" rx="22" fill="{paper}"/>'
        '<path d="M80 132h80v50a22 22 0 0 1-22 22h-36a22 22 0 0 1-22-22z" fill="{main}"/>'
        '<path d="M134 108h16M140 124h10M134 140h16M140 156h10" stroke="{ink}" stroke-width="4" '
        'stroke-linecap="round" opacity=".55"/>'
    ),
    "cup": (
        '<path d="M72 84h96l-10 104a16 16 0 0 1-16 14H98a16 16 0 0 1-16-14z" fill="{main}"/>'
        '<rect x="64" y="68" width="112" height="22" rx="11" fill="{dark}"/>'
        '<path d="M124 68V40h24" fill="none" stroke="{dark}" stroke-width="10" stroke-linecap="round"/>'
        '<path d="M74 112c-34 0-34 56 8 56M166 112c34 0 34 56-8 56" fill="none" stroke="{light}" stroke-width="11"/>'
        '<circle cx="106" cy="138" r="6" fill="{ink}"/><circle cx="134" cy="138" r="6" fill="{ink}"/>'
        '<path d="M108 154c6 8 18 8 24 0" fill="none" stroke="{ink}" stroke-width="5" stroke-linecap="round"/>'
    ),
    "bib": (
        '<path d="M70 92c0 76 20 110 50 110s50-34 50-110z" fill="{main}"/>'
        '<path d="M78 98c-8-68 92-68 84 0" fill="none" stroke="{dark}" stroke-width="12"/>'
        '<path d="M88 154c8 34 56 34 64 0z" fill="{light}"/>'
        '<circle cx="120" cy="124" r="12" fill="{paper}"/>'
    ),
    "tableware": (
        '<path d="M52 112h104c0 46-22 72-52 72s-52-26-52-72z" fill="{main}"/>'
        '<ellipse cx="104" cy="112" rx="52" ry="14" fill="{light}"/>'
        '<rect x="82" y="182" width="44" height="12" rx="6" fill="{dark}"/>'
        '<path d="M186 106v82" stroke="{dark}" stroke-width="12" stroke-linecap="round"/>'
        '<ellipse cx="186" cy="84" rx="18" ry="27" fill="{dark}"/>'
    ),
    "baby_clothes": (
        '<path d="M90 52 52 74l14 34 16-8v58c0 12 8 20 18 22l4 24h14l2-18 2 18h14l4-24c10-2 18-10 18-22v-58l16 8 14-34'
        '-38-22c-8 14-52 14-60 0z" fill="{main}"/>'
        '<path d="M90 52c8 20 52 20 60 0" fill="none" stroke="{dark}" stroke-width="7"/>'
        '<path d="M120 128c-16-18-32 4 0 24 32-20 16-42 0-24z" fill="{paper}"/>'
    ),
    "sleeping_bag": (
        '<path d="M92 48 62 66l8 46 10-4-10 80c0 14 100 14 100 0l-10-80 10 4 8-46-30-18c-8 12-48 12-56 0z" '
        'fill="{main}"/>'
        '<path d="M120 60v138" stroke="{paper}" stroke-width="5" stroke-dasharray="9 6"/>'
        '<g fill="{light}"><circle cx="98" cy="110" r="7"/><circle cx="142" cy="130" r="7"/>'
        '<circle cx="98" cy="156" r="7"/><circle cx="144" cy="174" r="7"/></g>'
    ),
    "diaper": (
        '<path d="M46 84c40 12 108 12 148 0l-8 34c-34 0-44 66-48 74h-36c-4-8-14-74-48-74z" fill="{paper}"/>'
        '<path d="M46 84c40 12 108 12 148 0l-5 22c-38 10-100 10-138 0z" fill="{main}"/>'
        '<path d="M84 126c14 10 16 40 20 58M156 126c-14 10-16 40-20 58" fill="none" stroke="{light}" stroke-width="6"/>'
        '<circle cx="120" cy="140" r="12" fill="{light}"/>'
    ),
    "pack": (
        '<path d="M60 78c0-14 120-14 120 0v102c0 14-120 14-120 0z" fill="{main}"/>'
        '<rect x="86" y="62" width="68" height="40" rx="10" fill="{paper}"/>'
        '<path d="M106 62c0-28 36-28 30-6l-8 22h-22z" fill="{light}"/>'
        '<path d="M76 128h88M76 148h56" stroke="{dark}" stroke-width="8" stroke-linecap="round"/>'
    ),
    "toy": (
        '<rect x="46" y="132" width="66" height="66" rx="10" fill="{main}"/>'
        '<rect x="122" y="132" width="66" height="66" rx="10" fill="{dark}"/>'
        '<path d="M116 44l40 70H76z" fill="{light}"/>'
        '<circle cx="79" cy="165" r="16" fill="{paper}"/>'
        '<path d="M138 165h34M155 148v34" stroke="{paper}" stroke-width="10" stroke-linecap="round"/>'
    ),
    "lipstick": (
        '<path d="M98 62l44-20v70H98z" fill="{main}"/>'
        '<path d="M98 62l44-20v14l-44 22z" fill="{light}"/>'
        '<rect x="92" y="104" width="56" height="34" fill="{paper}"/>'
        '<rect x="84" y="134" width="72" height="70" rx="8" fill="{ink}"/>'
        '<path d="M84 158h72" stroke="{paper}" stroke-width="4" opacity=".6"/>'
    ),
    "tube": (
        '<path d="M80 46h80l-12 124H92z" fill="{main}"/>'
        '<rect x="78" y="40" width="84" height="14" rx="4" fill="{dark}"/>'
        '<rect x="94" y="168" width="52" height="34" rx="8" fill="{ink}"/>'
        '<path d="M100 92h40M103 110h34" stroke="{paper}" stroke-width="7" stroke-linecap="round"/>'
    ),
    "dropper": (
        '<rect x="84" y="102" width="72" height="100" rx="16" fill="{main}"/>'
        '<path d="M100 102c0-16 8-16 8-26h24c0 10 8 10 8 26z" fill="{light}"/>'
        '<rect x="102" y="66" width="36" height="18" rx="5" fill="{ink}"/>'
        '<path d="M110 66V46c0-14 20-14 20 0v20z" fill="{dark}"/>'
        '<rect x="94" y="130" width="52" height="40" rx="5" fill="{paper}"/>'
        '<path d="M104 144h32M108 156h24" stroke="{dark}" stroke-width="5" stroke-linecap="round"/>'
    ),
    "pump": (
        '<path d="M72 112a18 18 0 0 1 18-18h60a18 18 0 0 1 18 18v76a16 16 0 0 1-16 16H88a16 16 0 0 1-16-16z" '
        'fill="{main}"/>'
        '<path d="M104 94V74h32v20M120 74V54H84" fill="none" stroke="{dark}" stroke-width="12" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
        '<rect x="86" y="124" width="68" height="50" rx="6" fill="{paper}"/>'
        '<path d="M100 142h40M106 157h28" stroke="{dark}" stroke-width="6" stroke-linecap="round"/>'
    ),
    "mask": (
        '<path d="M66 58c30-14 78-14 108 0 14 50 0 142-54 146-54-4-68-96-54-146z" fill="{main}"/>'
        '<path d="M84 98c8-10 22-10 28 0M128 98c6-10 20-10 28 0" fill="none" stroke="{dark}" stroke-width="8" '
        'stroke-linecap="round"/>'
        '<path d="M120 108v30h-9" fill="none" stroke="{light}" stroke-width="8" stroke-linecap="round"/>'
        '<path d="M102 164c10 9 26 9 36 0" fill="none" stroke="{dark}" stroke-width="8" stroke-linecap="round"/>'
    ),
    "compact": (
        '<circle cx="120" cy="94" r="52" fill="{ink}"/><circle cx="120" cy="94" r="41" fill="{paper}"/>'
        '<ellipse cx="120" cy="170" rx="62" ry="34" fill="{ink}"/>'
        '<ellipse cx="120" cy="164" rx="50" ry="25" fill="{main}"/>'
        '<path d="M94 96l34-34" stroke="{light}" stroke-width="8" stroke-linecap="round"/>'
    ),
    "brushes": (
        '<g stroke-linecap="round" stroke-width="13"><path d="M84 200V116" stroke="{ink}"/>'
        '<path d="M120 204v-84" stroke="{dark}"/><path d="M156 200V116" stroke="{ink}"/></g>'
        '<path d="M66 94c0-44 36-44 36 0v18H66z" fill="{main}"/>'
        '<path d="M104 88c0-54 32-54 32 0v28h-32z" fill="{light}"/>'
        '<path d="M142 98l14-48 14 48v14h-28z" fill="{main}"/>'
    ),
    "gift_set": (
        '<rect x="50" y="100" width="140" height="98" rx="10" fill="{main}"/>'
        '<rect x="42" y="84" width="156" height="30" rx="8" fill="{dark}"/>'
        '<path d="M108 84h24v114h-24z" fill="{light}"/>'
        '<path d="M120 84c-50 0-44-46-16-36 12 4 16 36 16 36s4-32 16-36c28-10 34 36-16 36z" fill="none" '
        'stroke="{light}" stroke-width="10"/>'
    ),
    "phone": (
        '<rect x="76" y="36" width="88" height="172" rx="18" fill="{main}"/>'
        '<rect x="84" y="46" width="72" height="152" rx="11" fill="{ink}"/>'
        '<path d="M84 158c24-30 48 6 72-26v55a11 11 0 0 1-11 11H95a11 11 0 0 1-11-11z" fill="{light}" opacity=".75"/>'
        '<circle cx="120" cy="58" r="5" fill="{paper}"/>'
    ),
    "senior_phone": (
        '<rect x="76" y="34" width="88" height="174" rx="18" fill="{main}"/>'
        '<rect x="88" y="50" width="64" height="50" rx="7" fill="{ink}"/>'
        '<g fill="{paper}"><rect x="88" y="114" width="18" height="16" rx="5"/>'
        '<rect x="111" y="114" width="18" height="16" rx="5"/><rect x="134" y="114" width="18" height="16" rx="5"/>'
        '<rect x="88" y="138" width="18" height="16" rx="5"/><rect x="111" y="138" width="18" height="16" rx="5"/>'
        '<rect x="134" y="138" width="18" height="16" rx="5"/><rect x="88" y="162" width="18" height="16" rx="5"/>'
        '<rect x="111" y="162" width="18" height="16" rx="5"/><rect x="134" y="162" width="18" height="16" rx="5"/></g>'
    ),
    "phone_case": (
        '<rect x="74" y="34" width="92" height="176" rx="22" fill="{main}"/>'
        '<rect x="84" y="46" width="42" height="46" rx="13" fill="{dark}"/>'
        '<circle cx="97" cy="60" r="8" fill="{paper}"/><circle cx="113" cy="78" r="8" fill="{paper}"/>'
        '<circle cx="120" cy="148" r="28" fill="none" stroke="{light}" stroke-width="8"/>'
    ),
    "earphones": (
        '<rect x="66" y="118" width="108" height="84" rx="34" fill="{main}"/>'
        '<path d="M68 148h104" stroke="{dark}" stroke-width="5"/><circle cx="120" cy="170" r="6" fill="{paper}"/>'
        '<path d="M84 54c-22 0-22 36 0 36l2 34h14V72c0-10-6-18-16-18zM156 54c22 0 22 36 0 36l-2 34h-14V72c0-10 6-18 '
        '16-18z" fill="{light}"/>'
        '<circle cx="82" cy="72" r="8" fill="{dark}"/><circle cx="158" cy="72" r="8" fill="{dark}"/>'
    ),
    "power_bank": (
        '<rect x="68" y="42" width="104" height="160" rx="20" fill="{main}"/>'
        '<path d="M126 82l-30 48h22l-8 36 36-52h-24z" fill="{paper}"/>'
        '<g fill="{light}"><circle cx="98" cy="184" r="5"/><circle cx="113" cy="184" r="5"/>'
        '<circle cx="128" cy="184" r="5"/></g><rect x="100" y="36" width="40" height="12" rx="4" fill="{dark}"/>'
    ),
    "charger": (
        '<rect x="70" y="88" width="100" height="96" rx="20" fill="{main}"/>'
        '<path d="M98 88V54M142 88V54" stroke="{ink}" stroke-width="13" stroke-linecap="round"/>'
        '<rect x="98" y="112" width="44" height="15" rx="7" fill="{dark}"/>'
        '<path d="M120 184c0 28 44 10 44 30" fill="none" stroke="{dark}" stroke-width="9" stroke-linecap="round"/>'
        '<path d="M126 136l-16 20h18l-8 18" fill="none" stroke="{paper}" stroke-width="6" stroke-linejoin="round"/>'
    ),
    "router": (
        '<rect x="44" y="134" width="152" height="50" rx="16" fill="{main}"/>'
        '<path d="M70 134V58M170 134V58M120 134V46" stroke="{dark}" stroke-width="11" stroke-linecap="round"/>'
        '<g fill="{paper}"><circle cx="72" cy="160" r="6"/><circle cx="94" cy="160" r="6"/>'
        '<circle cx="116" cy="160" r="6"/></g><rect x="142" y="154" width="38" height="11" rx="5" fill="{light}"/>'
    ),
    "humidifier": (
        '<path d="M78 110h84l8 76a16 16 0 0 1-16 18H86a16 16 0 0 1-16-18z" fill="{main}"/>'
        '<rect x="90" y="92" width="60" height="22" rx="9" fill="{dark}"/>'
        '<path d="M106 78c-14-14 14-22 0-40M132 78c-14-14 14-22 0-40" fill="none" stroke="{light}" stroke-width="9" '
        'stroke-linecap="round"/>'
        '<path d="M120 134c26 34-26 34 0 0z" fill="{paper}"/>'
    ),
    "rice_cooker": (
        '<rect x="54" y="98" width="132" height="98" rx="28" fill="{main}"/>'
        '<path d="M58 108c0-58 124-58 124 0z" fill="{dark}"/>'
        '<rect x="100" y="52" width="40" height="17" rx="8" fill="{ink}"/>'
        '<rect x="88" y="132" width="64" height="42" rx="9" fill="{ink}"/>'
        '<circle cx="107" cy="153" r="9" fill="{paper}"/><path d="M126 146h16M126 160h16" stroke="{light}" '
        'stroke-width="6" stroke-linecap="round"/>'
    ),
    "oven": (
        '<rect x="40" y="70" width="160" height="124" rx="16" fill="{main}"/>'
        '<rect x="54" y="86" width="98" height="92" rx="9" fill="{ink}"/>'
        '<path d="M62 146h82M62 128h82" stroke="{light}" stroke-width="5"/>'
        '<path d="M78 146c0-24 50-24 50 0z" fill="#e3a256"/>'
        '<g fill="{paper}"><circle cx="176" cy="102" r="10"/><circle cx="176" cy="132" r="10"/>'
        '<circle cx="176" cy="162" r="10"/></g>'
    ),
    "washer": (
        '<rect x="58" y="40" width="124" height="164" rx="16" fill="{main}"/>'
        '<path d="M58 82h124" stroke="{dark}" stroke-width="4"/>'
        '<circle cx="120" cy="140" r="46" fill="{dark}"/><circle cx="120" cy="140" r="34" fill="{ink}"/>'
        '<path d="M88 146c16-16 28 12 64-6 0 44-58 44-64 6z" fill="#8ec5e6"/>'
        '<circle cx="162" cy="61" r="9" fill="{paper}"/>'
        '<rect x="74" y="54" width="44" height="14" rx="6" fill="{light}"/>'
    ),
    "air_conditioner": (
        '<rect x="34" y="72" width="172" height="66" rx="18" fill="{main}"/>'
        '<path d="M50 118h140" stroke="{dark}" stroke-width="7" stroke-linecap="round"/>'
        '<rect x="156" y="88" width="30" height="13" rx="6" fill="{light}"/>'
        '<path d="M82 158c-10 12 10 20 0 34M120 158c-10 12 10 20 0 34M158 158c-10 12 10 20 0 34" fill="none" '
        'stroke="#8ec5e6" stroke-width="8" stroke-linecap="round"/>'
    ),
    "fruit": (
        '<path d="M120 88c-60-30-86 30-64 76 18 38 42 44 64 32 22 12 46 6 64-32 22-46-4-106-64-76z" fill="{main}"/>'
        '<path d="M120 88c-2-22 6-36 18-44" fill="none" stroke="#7a5230" stroke-width="8" stroke-linecap="round"/>'
        '<path d="M132 66c8-26 38-28 50-18-6 22-28 30-50 18z" fill="#6aa84f"/>'
        '<path d="M70 124c0-16 8-26 18-28" fill="none" stroke="{light}" stroke-width="9" stroke-linecap="round"/>'
    ),
    "rice": (
        '<path d="M70 62h100c20 44 22 98 8 142H62C48 160 50 106 70 62z" fill="{paper}"/>'
        '<path d="M74 44h92l4 22H70z" fill="{dark}"/>'
        '<ellipse cx="120" cy="132" rx="40" ry="44" fill="{main}"/>'
        '<path d="M120 164v-54M120 126c-14 0-18-10-18-18 12 0 18 8 18 18zM120 126c14 0 18-10 18-18-12 0-18 8-18 '
        '18zM120 148c-14 0-18-10-18-18 12 0 18 8 18 18zM120 148c14 0 18-10 18-18-12 0-18 8-18 18z" fill="{light}" '
        'stroke="{paper}" stroke-width="3"/>'
    ),
    "oil": (
        '<path d="M102 74h36c2 24 28 30 28 58v58a14 14 0 0 1-14 14H88a14 14 0 0 1-14-14v-58c0-28 26-34 28-58z" '
        'fill="{main}"/>'
        '<rect x="98" y="40" width="44" height="30" rx="7" fill="{dark}"/>'
        '<rect x="74" y="136" width="92" height="46" fill="{paper}"/>'
        '<path d="M120 142c20 26-20 26 0 0z" fill="{main}"/>'
    ),
    "nuts": (
        '<path d="M64 76h112l10 116a12 12 0 0 1-12 12H66a12 12 0 0 1-12-12z" fill="{main}"/>'
        '<path d="M62 54h116l-2 26H64z" fill="{dark}"/>'
        '<ellipse cx="120" cy="140" rx="42" ry="38" fill="{paper}"/>'
        '<path d="M104 148c-10-22 8-36 16-36s26 14 16 36c-8 12-24 12-32 0z" fill="#b9793f"/>'
        '<path d="M120 114v44" stroke="#8a5729" stroke-width="4"/>'
    ),
    "dumplings": (
        '<ellipse cx="120" cy="170" rx="88" ry="26" fill="{paper}"/>'
        '<ellipse cx="120" cy="166" rx="64" ry="15" fill="{light}"/>'
        '<path d="M60 158c-6-44 54-58 60-6-10 14-52 16-60 6zM120 158c-2-46 62-50 60-4-10 14-52 14-60 4zM88 130c-2-44 '
        '62-44 64-2-14 12-52 12-64 2z" fill="{main}"/>'
        '<path d="M66 138c10-10 36-10 48 0M128 138c12-10 36-8 46 0M96 108c10-10 36-10 48 0" fill="none" '
        'stroke="{dark}" stroke-width="5" stroke-dasharray="5 5"/>'
    ),
    "cake": (
        '<path d="M48 128 150 76c28 6 44 26 44 52z" fill="{light}"/>'
        '<rect x="48" y="128" width="146" height="66" rx="7" fill="{main}"/>'
        '<path d="M48 150h146v14H48z" fill="{paper}"/>'
        '<circle cx="146" cy="80" r="16" fill="#d5483f"/>'
        '<path d="M150 66c0-12 6-18 14-20" fill="none" stroke="#6aa84f" stroke-width="5" stroke-linecap="round"/>'
    ),
    "tea": (
        '<rect x="66" y="70" width="108" height="132" rx="14" fill="{main}"/>'
        '<ellipse cx="120" cy="70" rx="54" ry="16" fill="{dark}"/><ellipse cx="120" cy="60" rx="34" ry="11" '
        'fill="{light}"/><rect x="84" y="104" width="72" height="74" rx="8" fill="{paper}"/>'
        '<path d="M120 168c-28-18-16-46 0-54 16 8 28 36 0 54zM120 168v-40" fill="{light}" stroke="{dark}" '
        'stroke-width="4"/>'
    ),
    "jar": (
        '<rect x="64" y="84" width="112" height="118" rx="24" fill="{main}"/>'
        '<rect x="72" y="54" width="96" height="34" rx="9" fill="{dark}"/>'
        '<rect x="82" y="112" width="76" height="62" rx="9" fill="{paper}"/>'
        '<path d="M98 134h44M106 152h28" stroke="{dark}" stroke-width="7" stroke-linecap="round"/>'
    ),
    "meat": (
        '<path d="M70 66c46-34 124 2 118 62-4 44-58 40-84 66-16 16-52 2-48-28 4-24 24-30 20-50-2-16-24-36-6-50z" '
        'fill="{main}"/>'
        '<path d="M92 84c34-18 78 8 76 42-2 24-40 22-62 40" fill="none" stroke="{light}" stroke-width="11" '
        'stroke-linecap="round"/>'
        '<circle cx="94" cy="92" r="13" fill="{paper}"/><circle cx="94" cy="92" r="5" fill="{dark}"/>'
    ),
    "notebook": (
        '<rect x="62" y="40" width="124" height="164" rx="10" fill="{main}"/>'
        '<path d="M62 50a10 10 0 0 1 10-10h16v164H72a10 10 0 0 1-10-10z" fill="{dark}"/>'
        '<rect x="104" y="70" width="64" height="40" rx="5" fill="{paper}"/>'
        '<path d="M114 84h44M114 97h28" stroke="{dark}" stroke-width="5" stroke-linecap="round"/>'
        '<path d="M158 40h14v44l-7-7-7 7z" fill="{light}"/>'
    ),
    "pen": (
        '<g transform="rotate(38 120 120)"><rect x="102" y="36" width="36" height="126" rx="9" fill="{main}"/>'
        '<path d="M102 150h36l-18 54z" fill="{paper}"/><path d="M112 180h16l-8 24z" fill="{ink}"/>'
        '<rect x="102" y="70" width="36" height="10" fill="{light}"/><path d="M138 46v62" stroke="{dark}" '
        'stroke-width="9" stroke-linecap="round"/></g>'
    ),
    "backpack": (
        '<path d="M92 66c0-36 56-36 56 0" fill="none" stroke="{dark}" stroke-width="11"/>'
        '<path d="M62 100c0-56 116-56 116 0v90a16 16 0 0 1-16 16H78a16 16 0 0 1-16-16z" fill="{main}"/>'
        '<rect x="80" y="138" width="80" height="52" rx="12" fill="{light}"/>'
        '<path d="M80 156h80M86 106h68" stroke="{dark}" stroke-width="6" stroke-linecap="round"/>'
        '<rect x="114" y="150" width="12" height="18" rx="4" fill="{paper}"/>'
    ),
    "organizer": (
        '<path d="M76 116V54M100 116V40M164 116V62" stroke="{ink}" stroke-width="11" stroke-linecap="round"/>'
        '<path d="M132 44l14 8-22 62h-8z" fill="#e9b44c"/>'
        '<rect x="52" y="104" width="136" height="96" rx="12" fill="{main}"/>'
        '<path d="M52 150h136" stroke="{dark}" stroke-width="5"/>'
        '<rect x="102" y="168" width="36" height="10" rx="5" fill="{paper}"/>'
        '<rect x="102" y="122" width="36" height="10" rx="5" fill="{light}"/>'
    ),
    "bag": (
        '<path d="M62 92h116l8 98a14 14 0 0 1-14 16H68a14 14 0 0 1-14-16z" fill="{main}"/>'
        '<path d="M88 104V82c0-44 64-44 64 0v22" fill="none" stroke="{dark}" stroke-width="11" stroke-linecap="round"/>'
        '<path d="M92 150c10 20 46 20 56 0" fill="none" stroke="{paper}" stroke-width="9" stroke-linecap="round"/>'
    ),
}

# Looked up in this order: the first word that a product's kind contains. Longer words come before those inside them.
SHAPE_OF_WORD: tuple[tuple[str, str], ...] = (
    ("背带", "overalls"),
    ("羽绒", "down_jacket"),
    ("夹克", "jacket"),
    ("外套", "jacket"),
    ("衬衫", "shirt"),
    ("长袖", "long_sleeve"),
    ("T恤", "tshirt"),
    ("卫衣", "hoodie"),
    ("纸尿裤", "diaper"),
    ("拉拉裤", "diaper"),
    ("裤", "trousers"),
    ("靴", "boot"),
    ("鞋", "shoe"),
    ("腰带", "belt"),
    ("手套", "glove"),
    ("帽", "cap"),
    ("袜", "socks"),
    ("奶瓶", "bottle_baby"),
    ("学饮杯", "cup"),
    ("杯", "cup"),
    ("围嘴", "bib"),
    ("餐具", "tableware"),
    ("内衣", "baby_clothes"),
    ("衣物", "baby_clothes"),
    ("睡袋", "sleeping_bag"),
    ("湿巾", "pack"),
    ("玩具", "toy"),
    ("婴儿洗护", "pump"),
    ("口红", "lipstick"),
    ("防晒", "tube"),
    ("洁面", "tube"),
    ("精华", "dropper"),
    ("卸妆", "pump"),
    ("洗发", "pump"),
    ("面膜", "mask"),
    ("粉底", "compact"),
    ("化妆刷", "brushes"),
    ("套装", "gift_set"),
    ("手机壳", "phone_case"),
    ("老人手机", "senior_phone"),
    ("手机", "phone"),
    ("耳机", "earphones"),
    ("充电宝", "power_bank"),
    ("充电器", "charger"),
    ("路由器", "router"),
    ("加湿器", "humidifier"),
    ("电饭煲", "rice_cooker"),
    ("烤箱", "oven"),
    ("洗衣机", "washer"),
    ("空调", "air_conditioner"),
    ("水果", "fruit"),
    ("大米", "rice"),
    ("油", "oil"),
    ("坚果", "nuts"),
    ("速食", "dumplings"),
    ("糕点", "cake"),
    ("茶", "tea"),
    ("滋补", "jar"),
    ("肉", "meat"),
    ("笔记本", "notebook"),
    ("练习本", "notebook"),
    ("笔", "pen"),
    ("书包", "backpack"),
    ("收纳", "organizer"),
)

SHAPE_OF_CATEGORY: dict[str, str] = {
    "工装": "jacket",
    "母婴": "baby_clothes",
    "美妆": "jar",
    "数码家电": "power_bank",
    "生鲜食品": "fruit",
    "文具": "notebook",
}

NEUTRAL_SHAPE = "bag"


def shape_for(kind: str, category: str) -> str:
    """Picks the shape for a kind of product, or for its category when no shape was drawn for the kind."""
    for word, shape in SHAPE_OF_WORD:
        if word in kind:
            return shape
    return SHAPE_OF_CATEGORY.get(category, NEUTRAL_SHAPE)
