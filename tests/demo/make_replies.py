#!/usr/bin/env python3
"""The demo's invented answers, in the shapes that clients give them.

    make_replies.py OUTBOX

OUTBOX is the Maildir to which the demo has sent its letters (demo/outbox, before anything came
back). Writes replies/, replies-late/ and expected.tsv beside itself, always the same. What
expected.tsv says is what a careful clerk would do: file, number of the letter or -, outcome, how
many opinions, and the department that leads each (- for none: praise, blank, a person decides).
"""
import base64
import csv
import email
import email.utils
import io
import os
import quopri
import re
import sys
import zipfile
from datetime import datetime, timedelta, timezone
from email import policy

HERE = os.path.dirname(os.path.abspath(__file__))
CST = timezone(timedelta(hours=8))
START = datetime(2026, 3, 3, 9, 12, tzinfo=CST)

# (text, the leading department of each opinion). {n} short name, {N} name, {c} contact, {p} phone.
SAID = [
    ("我公司出口退税办得太慢，去年第四季度的退税到现在还没有到账，占用资金二百多万元。请税务局帮助协调。联系人{c}，电话{p}。", ["d28"]),
    ("一、生态环境局的检查太频繁，今年两个月已经来了五次，每次都要停产配合。\n二、厂区门口的路面坏了很久，重型货车进出困难，希望交通运输局尽快维修。", ["d11", "d14"]),
    ("办营业执照变更跑了四趟市场监管局，每次都说材料不全，又不一次性告知，希望能一次说清楚。", ["d23"]),
    ("消防救援大队验收排队时间太长，我们报了一个多月还没有安排现场检查，影响开业。", ["d29"]),
    ("各部门服务都很好，没有意见。特别感谢政务服务中心的同志，帮我们一天就办好了手续。", ["-"]),
    ("暂无意见。", ["-"]),
    ("冬天供热公司经常压火，车间温度上不去，打了很多次电话都没有人来看。", ["d38"]),
    ("供电公司这半年停电四次都没有提前通知，造成设备损坏。{N}要求给个说法。", ["d35"]),
    ("社保补缴的手续太复杂，人社局窗口和网上说的不一样，{c}去了三次都没办成。", ["d09"]),
    ("城管执法人员对门口卸货一律罚款，没有先提醒，希望改一改方式。", ["d13"]),
    ("希望金融部门多关心小企业。农商行的续贷要先还后贷，过桥资金成本太高。", ["d31"]),
    ("我们想申请技改补贴，工信局的申报通知发得太晚，只留了三天时间准备材料。\n\n另外，统计局每个月的报表太多，同样的数据要报三遍。", ["d02", "d24"]),
    ("厂区自来水压力不够，水质有时发黄，供水公司来看过一次就没有下文了。", ["d36"]),
    ("不动产登记中心办理厂房抵押登记要等十个工作日，能不能快一点。自然资源局的规划条件也一直没有批复。", ["d10"]),
    ("交警大队在工业园路口设的限行时间不合理，我们的货车白天进不来，建议错开早晚高峰就行。", ["d06"]),
    ("应急管理局要求的安全培训只能到指定机构参加，收费很高，希望允许企业自己选择。", ["d21"]),
    ("海关查验后货物滞留五天，产生了很多滞箱费。希望通关能再快些。", ["d43"]),
    ("医保局的单位缴费系统老是登不上去，月底最后两天尤其严重。", ["d25"]),
    ("希望开发区管委会兑现招商时承诺的厂房租金补贴，签了协议两年了还没有拨付。", ["d34"]),
    ("电信的企业宽带三天两头断，报修以后两三天才来人。", ["d39"]),
    ("审批局的一窗受理很方便，工作人员态度也好，给他们点赞！", ["-"]),
    ("公积金中心的窗口中午不办公，员工请假去办很不方便，建议中午留人值班。", ["d42"]),
    ("卫生监督所每次来检查的标准都不一样，上一个人说合格，下一个人又要整改。", ["d20"]),
    ("我单位食品经营许可证到期换证，市监所压了二十多天没有办，打电话也不说原因。联系人{c} {p}", ["d23"]),
    ("园区污水管网没有通，我们只能用罐车外运，一年多花四十万。请住建局把管网建设提上日程。", ["d12"]),
    ("没有意见，谢谢。", ["-"]),
    ("派出所对员工宿舍的流动人口登记要求太繁，能不能网上办。", ["d05"]),
    ("教育局能不能解决一下外地员工子女的入学问题，今年有六个孩子没地方上学，已经有三名技术骨干因此辞职。", ["d03"]),
    ("天然气价格又涨了，燃气公司说是上面定的，但合同里不是这么写的。希望燃气公司按合同结算。", ["d37"]),
    ("投促局引进我们的时候说帮忙办手续，项目落地以后就找不到人了。", ["d18"]),
    ("大数据局的政务平台总是提示系统升级，企业的材料传不上去。", ["d27"]),
    ("科技局的高新技术企业奖励公示以后一直没有到账，财政局说还没有收到拨款申请。", ["d04"]),
    ("街道办每周都要报表，内容和区里的完全一样，建议合并。", ["d33"]),
    ("公共资源交易中心退投标保证金太慢，超过了规定的时间。", ["d41"]),
    ("水利局要求的取水许可论证报告，指定的中介收费比市场价高一倍。", ["d15"]),
    ("农业农村局的冷链补贴政策很好，但是我们不知道怎么申报，希望有人上门讲一讲。", ["d16"]),
    ("防雷检测每年都要做，气象局只认一家公司的报告，价格没有商量。", ["d44"]),
    ("文旅局组织的培训很实用，希望多办几期。", ["d19"]),
    ("税务局办税厅的叫号系统经常坏，排队两个小时。\n环保部门在线监测设备要求更换指定品牌，费用八万多元，没有文件依据。\n城管局对我们门头招牌的审批拖了三个月。", ["d28", "d11", "d13"]),
    ("我们和供应商因为货款闹纠纷，对方欠了我们三十万元一直不给，能不能帮忙要一要？", ["-"]),
    ("我公司诉某建筑公司的案子判决已经生效，法院执行局半年没有动静，请过问。", ["-"]),
    ("有工作人员在项目验收时暗示我们请吃饭、送购物卡，具体是谁不方便在这里写，希望纪委来了解。", ["-"]),
    ("无", ["-"]),
    ("发改局的项目备案办得很快。但是用地指标等了一年半还没有消息，请自然资源局给个准信。", ["-", "d10"]),
    ("商务局组织的外贸展会补贴，手续太多，二十几页材料盖了四十多个章。", ["d17"]),
    ("公路局修路把我们门口挖开了两个月，没有围挡也没有告示，客人进不来，营业额少了一半。", ["d14"]),
    ("人防易地建设费的减免政策，人防办说不适用我们，但没有给书面答复。", ["d45"]),
    ("食堂的餐厨垃圾，城管局收费标准从来没有公示过，每年都不一样。", ["d13"]),
    ("信访局把我们反映的事情转来转去，三个月了还没有结果。", ["d32"]),
    ("希望税务部门的政策宣传更及时一些。研发费用加计扣除的口径每个人说的都不一样。", ["d28"]),
    ("住建局质监站的人到工地来，不出示证件就要查资料，还说不配合就停工。", ["d12"]),
    ("行政审批局要我们把同样的材料交了三遍，说是系统不通。", ["d26"]),
    ("劳动仲裁从立案到开庭用了四个月，太久了。", ["d09"]),
    ("市场监管局的抽检很频繁，一个季度来了四次，样品也不付钱。消防也是，三天两头来。", ["d23", "d29"]),
    ("我们{n}对各部门的工作总体满意。", ["-"]),
    ("We are a foreign-invested company. The customs clearance of our spare parts takes more than two weeks, please help us with 海关.", ["d43"]),
]

# In a form: (ratings {department: grade}, the answer to the first open question, departments)
FORMS = [
    ({"d28": 2, "d23": 5, "d11": 3, "d35": 0}, "退税周期太长，希望税务局能在十个工作日内办结。", ["d28"]),
    ({"d11": 1, "d29": 4}, "环保处罚没有给整改期限，直接罚款五万元。", ["d11"]),
    ({"d26": 5, "d23": 5, "d09": 5}, "", []),
    ({"d35": 2, "d36": 3}, "供电所抢修不及时，停电八个小时。\n供水公司更换水表收费没有发票。", ["d35", "d36"]),
    ({"d13": 2}, "城管对沿街商户的罚款标准不统一。", ["d13"]),
    ({"d06": 4, "d05": 5}, "无", ["-"]),
    ({"d12": 3, "d10": 2}, "自然资源局办理规划许可用了七个月。", ["d10"]),
    ({"d31": 2, "d30": 3}, "银行抽贷，说好续贷的，还了以后又不贷了。", ["d31"]),
    ({"d38": 1}, "热力公司收了管网配套费，两年没有通暖气。", ["d38"]),
    ({"d43": 4, "d17": 5}, "希望海关增加预约查验的时段。", ["d43"]),
]

CLIENTS = ["qq", "163", "foxmail", "outlook", "thunderbird", "gmail", "iphone", "huawei"]
CHARSETS = ["utf-8", "gb2312", "gbk", "gb18030", "gb2312!", "none", "utf-8!", "utf-8"]


def letters(outbox):
    """The letters that went out, by the order of the enterprise list."""
    rows = {}
    with open(os.path.join(HERE, "enterprises-utf8.csv"), encoding="utf-8-sig", newline="") as f:
        order = list(csv.DictReader(f))
    for name in os.listdir(os.path.join(outbox, "new")):
        with open(os.path.join(outbox, "new", name), "rb") as f:
            message = email.message_from_binary_file(f, policy=policy.default)
        to = message["To"].addresses[0]
        form = next(p.get_content() for p in message.iter_attachments())
        rows[to.display_name] = {
            "number": message["X-Pingyi-Letter"], "id": message["Message-ID"],
            "subject": message["Subject"], "address": to.addr_spec, "office":
            message["From"].addresses[0].addr_spec, "references": message["References"],
            "form": form, "text": message.get_body(("plain",)).get_content()}
    found = []
    for row in order:
        if row["企业名称"] in rows:
            letter = rows[row["企业名称"]]
            letter.update(N=row["企业名称"], n=row["简称"] or row["企业名称"], c=row["联系人"],
                          p=row["电话"])
            found.append(letter)
    return found


def encoded(text, charset):
    if text.isascii():
        return text
    words, chunk = [], ""
    for char in text:
        if len((chunk + char).encode(charset)) > 42:
            words.append(chunk)
            chunk = ""
        chunk += char
    words.append(chunk)
    return "\r\n ".join("=?%s?B?%s?=" % (charset, base64.b64encode(w.encode(charset)).decode())
                        for w in words)


def body(text, charset, transfer):
    """The part's headers and its encoded text, honest or not."""
    real = {"gb2312!": "gb18030", "none": "gbk", "utf-8!": "gbk"}.get(charset, charset)
    label = {"gb2312!": "gb2312", "none": None, "utf-8!": "utf-8"}.get(charset, charset)
    raw = text.replace("\n", "\r\n").encode(real, "replace")
    if transfer == "base64":
        data = base64.encodebytes(raw).replace(b"\n", b"\r\n")
    elif transfer == "quoted-printable":
        data = quopri.encodestring(raw.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    else:
        data = raw + b"\r\n"
    return label, data


def part(kind, text, charset, transfer):
    label, data = body(text, charset, transfer)
    type_line = "Content-Type: text/%s" % kind + ("; charset=\"%s\"" % label if label else "")
    return ("%s\r\nContent-Transfer-Encoding: %s\r\n\r\n" % (type_line, transfer)).encode() + data


def html(text):
    return "".join("<div>%s</div>" % (line.replace("&", "&amp;").replace("<", "&lt;") or "<br>")
                   for line in text.split("\n"))


def quoted(client, letter, when):
    """The letter below the answer, as each client puts it: (plain, html)."""
    head = letter["text"].replace("\r\n", "\n").split("\n")[:14]
    office, date = letter["office"], when.strftime("%Y年%m月%d日 %H:%M")
    subject, to = letter["subject"], letter["address"]
    if client == "qq":
        plain = ("------------------ 原始邮件 ------------------\n发件人: \"办公室\" <%s>;\n发送时间: 2026年3月2日(星期一) "
                 "上午9:00\n收件人: \"%s\" <%s>;\n主题: %s\n\n" % (office, letter["N"], to, subject))
        return plain + "\n".join(head), ("<div>------------------&nbsp;原始邮件&nbsp;------------------</div>"
                                         + html("\n".join(plain.split("\n")[1:] + head)))
    if client == "163":
        plain = "---- 回复的原邮件 ----\n发件人 <%s>\n日期 2026年03月02日 09:00\n收件人 <%s>\n主题 %s\n\n" % (
            office, to, subject)
        return plain + "\n".join(head), None
    if client == "outlook":
        plain = "发件人: %s <%s>\n发送时间: 2026年3月2日 9:00\n收件人: %s\n主题: %s\n\n" % (
            "办公室", office, to, subject)
        return plain + "\n".join(head), (
            '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
            '<p class="MsoNormal"><b>发件人:</b> 办公室 &lt;%s&gt;<br><b>发送时间:</b> 2026年3月2日 9:00<br>'
            '<b>收件人:</b> %s<br><b>主题:</b> %s</p></div>%s' % (office, to, subject, html("\n".join(head))))
    if client == "foxmail":
        plain = " \n发件人： 办公室\n发送时间： 2026-03-02 09:00\n收件人： %s\n主题： %s\n" % (to, subject)
        return plain + "\n".join(head), None
    if client == "gmail":
        intro = "办公室 <%s> 于2026年3月2日周一 09:00写道：" % office
        return intro + "\n\n" + "\n".join("> " + l for l in head), (
            '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">%s<br></div><blockquote '
            'class="gmail_quote">%s</blockquote></div>' % (intro.replace("<", "&lt;"), html("\n".join(head))))
    if client == "thunderbird":
        return "在 2026/3/2 9:00, 办公室 写道:\n" + "\n".join("> " + l for l in head), None
    if client == "iphone":
        return "发自我的iPhone\n\n> 在 2026年3月2日，09:00，办公室 <%s> 写道：\n> \n" % office + "\n".join(
            "> " + l for l in head), None
    return "---- 原始邮件 ----\n发件人: 办公室 <%s>\n日期: 2026年3月2日 09:00\n主题: %s\n\n" % (
        office, subject) + "\n".join(head), None


MAILERS = {"qq": "QQMail 2.x", "163": "Coremail Webmail Server Version XT5.0.14", "foxmail":
           "Foxmail 7.2.25.331[cn]", "outlook": "Microsoft Outlook 16.0", "thunderbird": None,
           "gmail": None, "iphone": "iPhone Mail (20H115)", "huawei": "Huawei Mail"}


def reply(i, letter, text, client, charset, attach=None, thread=True, sender=None, subject=None,
          when=None):
    """One answer as bytes."""
    when = when or START + timedelta(hours=5 * i, minutes=7 * i)
    real = {"gb2312!": "gb18030", "none": "gbk", "utf-8!": "gbk"}.get(charset, charset)
    if not text.isascii() or client != "outlook":
        below, below_html = quoted(client, letter, when)
    else:
        below, below_html = quoted("gmail", letter, when)
    prefix = {"outlook": "答复: ", "163": "回复:", "qq": "回复：", "foxmail": "回复: "}.get(client, "Re: ")
    subject = subject if subject is not None else prefix + letter["subject"]
    address = sender or letter["address"]
    display = letter["n"] if i % 3 else letter["c"]
    headers = ["From: %s <%s>" % (encoded(display, real if real != "gb18030" else "gb18030"), address),
               "To: <%s>" % letter["office"],
               "Subject: %s" % encoded(subject, real),
               "Date: %s" % email.utils.format_datetime(when),
               "Message-ID: <%s.%04d@%s>" % (client, i, address.split("@")[1])]
    if thread and client != "foxmail":
        headers.append("In-Reply-To: %s" % letter["id"])
    if thread:
        headers.append("References: %s\r\n %s" % (letter["references"], letter["id"]))
    if MAILERS[client]:
        headers.append("X-Mailer: %s" % MAILERS[client])
    if client == "thunderbird":
        headers.append("User-Agent: Mozilla Thunderbird")
    headers.append("MIME-Version: 1.0")
    plain = text + "\n\n\n" + (below if thread else "")
    transfer = {"qq": "base64", "163": "base64", "foxmail": "base64", "outlook": "base64", "gmail":
                "base64", "iphone": "quoted-printable", "huawei": "base64"}.get(client, "8bit")
    core = part("plain", plain, charset, transfer)
    if client in ("qq", "outlook", "gmail") and thread:
        page = "<html><head></head><body>%s%s</body></html>" % (html(text + "\n"), below_html or html(below))
        mark = "----=_Part_%d_%s" % (i, client)
        core = (b"Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n--%s\r\n" % (
            mark.encode(), mark.encode()) + core + b"\r\n--" + mark.encode() + b"\r\n"
            + part("html", page, charset, transfer) + b"\r\n--" + mark.encode() + b"--\r\n")
    if attach:
        name, kind, content = attach
        mark = b"----=_Mixed_%d" % i
        core = (b"Content-Type: multipart/mixed; boundary=\"" + mark + b"\"\r\n\r\n--" + mark + b"\r\n"
                + core + b"\r\n--" + mark + b"\r\n" + ("Content-Type: %s; name=\"%s\"\r\n"
                "Content-Disposition: attachment; filename=\"%s\"\r\nContent-Transfer-Encoding: base64"
                "\r\n\r\n" % (kind, encoded(name, "gbk"), encoded(name, "gbk"))).encode()
                + base64.encodebytes(content).replace(b"\n", b"\r\n") + b"\r\n--" + mark + b"--\r\n")
    return "\r\n".join(headers).encode() + b"\r\n" + core


def filled(form, ratings, answer):
    """The form with a tick in the chosen cells and the answer below its question."""
    source = zipfile.ZipFile(io.BytesIO(form))
    out = io.BytesIO()
    run = "<w:r><w:t>%s</w:t></w:r>"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            data = source.read(info)
            if info.filename == "word/document.xml":
                xml = data.decode()
                for department, grade in ratings.items():
                    at = xml.index(">%s<" % department)
                    row_end = xml.index("</w:tr>", at)
                    cells = [m.end() for m in re.finditer(r"<w:tc>", xml[at:row_end])]
                    # the cells after the name: 5, 4, 3, 2, 1, 0
                    cell = cells[len(cells) - 6 + (5 - grade)] + at
                    end = xml.index("</w:p>", cell)
                    xml = xml[:end] + run % "√" + xml[end:]
                if answer:
                    at = xml.index("q-problems")
                    cell = xml.rindex("</w:p>", at, xml.index("</w:tc>", xml.index("▼", at)))
                    xml = xml[:cell] + run % answer.replace("\n", "</w:t><w:br/><w:t>") + xml[cell:]
                data = xml.encode()
            target.writestr(zipfile.ZipInfo(info.filename, (2026, 3, 5, 10, 0, 0)), data,
                            zipfile.ZIP_DEFLATED)
    return out.getvalue()


def plain_message(headers, text):
    return ("\r\n".join(headers) + "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8"
            "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text.replace("\n", "\r\n")).encode()


def out_of_office(letter):
    return plain_message(
        ["From: <%s>" % letter["address"], "To: <%s>" % letter["office"],
         "Subject: %s" % encoded("自动回复: " + letter["subject"], "utf-8"),
         "Date: Mon, 2 Mar 2026 09:03:00 +0800", "In-Reply-To: %s" % letter["id"],
         "Message-ID: <auto.1@%s>" % letter["address"].split("@")[1], "X-QQ-AUTO-REPLY: true"],
        "您好，我正在休假，3月9日以后回复您的邮件。\n")


def bounce(letter):
    mark = "=_bounce"
    return ("\r\n".join([
        "From: MAILER-DAEMON@mx.example (Mail Delivery System)", "To: %s" % letter["office"],
        "Subject: Undelivered Mail Returned to Sender", "Date: Mon, 2 Mar 2026 09:01:00 +0800",
        "Message-ID: <20260302010100.ABC@mx.example>", "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0", "Content-Type: multipart/report; report-type=delivery-status;",
        " boundary=\"%s\"" % mark, "", "--" + mark, "Content-Type: text/plain; charset=us-ascii", "",
        "This is the mail system at host mx.example.", "",
        "I'm sorry to have to inform you that your message could not", "be delivered.", "",
        "<%s>: host mx.example[192.0.2.1] said: 550 5.1.1" % letter["address"],
        "    User unknown in virtual mailbox table", "", "--" + mark,
        "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "",
        "Final-Recipient: rfc822; %s" % letter["address"], "Action: failed", "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown in virtual mailbox table", "", "--" + mark,
        "Content-Type: text/rfc822-headers", "", "Message-ID: %s" % letter["id"],
        "Subject: %s" % encoded(letter["subject"], "utf-8"), "", "--" + mark + "--", ""])).encode()


def chinese_bounce(letter):
    return plain_message(
        ["From: PostMaster@163.example", "To: <%s>" % letter["office"],
         "Subject: %s" % encoded("系统退信", "utf-8"), "Date: Mon, 2 Mar 2026 09:02:00 +0800",
         "Message-ID: <5F00.1@163.example>", "X-CM-Original-Message-ID: %s" % letter["id"]],
        "抱歉，您的邮件被退回来了……\n\n主题：%s\n收件人：%s\n退信原因：收件人邮件地址不存在，邮件无法送达。\n"
        "550 User not found: %s\n" % (letter["subject"], letter["address"], letter["address"]))


def receipt(letter):
    mark = "=_mdn"
    return ("\r\n".join([
        "From: <%s>" % letter["address"], "To: <%s>" % letter["office"],
        "Subject: %s" % encoded("已读: " + letter["subject"], "utf-8"),
        "Date: Tue, 3 Mar 2026 08:41:00 +0800", "Message-ID: <mdn.1@%s>" % letter["address"].split("@")[1],
        "In-Reply-To: %s" % letter["id"], "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=\"%s\"" % mark,
        "", "--" + mark, "Content-Type: text/plain; charset=us-ascii", "", "Your message was displayed.",
        "", "--" + mark, "Content-Type: message/disposition-notification", "",
        "Final-Recipient: rfc822;%s" % letter["address"], "Original-Message-ID: %s" % letter["id"],
        "Disposition: manual-action/MDN-sent-manually; displayed", "", "--" + mark + "--", ""])).encode()


PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def raw(headers, content):
    return "\r\n".join(headers).encode("gb18030") + b"\r\nMIME-Version: 1.0\r\n" + content


def cut_words(text, charset):
    """RFC 2047 as QQ folds it: the bytes are cut anywhere, also within a character."""
    data = text.encode(charset)
    return "\r\n ".join("=?%s?B?%s?=" % (charset, base64.b64encode(data[i:i + 31]).decode())
                        for i in range(0, len(data), 31))


def qq_lost_thread(letter, text):
    """QQ's web mail: a Message-ID of its own, no thread; only the subject tells."""
    return raw(["From: \"=?gb18030?B?%s?=\" <%s>" % (
        base64.b64encode(letter["c"].encode("gb18030")).decode(), letter["address"]),
        "To: \"=?gb18030?B?%s?=\" <%s>" % (base64.b64encode("办公室".encode("gb18030")).decode(),
                                           letter["office"]),
        "Subject: " + cut_words("回复：" + letter["subject"], "gb18030"),
        "Date: Thu, 5 Mar 2026 16:20:11 +0800", "X-Priority: 3",
        "Message-ID: <tencent_5A1D00C7E3%s@qq.example>" % letter["number"][3:], "X-Mailer: QQMail 2.x"],
        part("html", "<div>%s</div><div><br></div><div style=\"font-size: 12px;\">------------------"
             "&nbsp;原始邮件&nbsp;------------------</div><div style=\"background:#efefef;\"><div><b>发件人:"
             "</b>&nbsp;\"办公室\"&lt;%s&gt;;</div><div><b>发送时间:</b>&nbsp;2026年3月2日(星期一) 上午9:00"
             "</div><div><b>收件人:</b>&nbsp;\"%s\"&lt;%s&gt;;</div><div><b>主题:</b>&nbsp;%s</div></div>"
             "<div>%s</div>" % (text, letter["office"], letter["c"], letter["address"],
                                letter["subject"], html(letter["text"][:300])), "gb18030", "base64"))


def word_html(letter, paragraphs):
    """Outlook with Word: only HTML, labelled gb2312 with characters beyond it."""
    said = "".join("<p class=MsoNormal><span lang=ZH-CN style='font-size:10.5pt;font-family:等线'>%s"
                   "</span><span lang=EN-US><o:p></o:p></span></p>\n" % p for p in paragraphs)
    page = ("<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style><!--\n"
            "@font-face {font-family:等线;}\np.MsoNormal {margin:0cm;text-align:justify;}\n--></style>"
            "</head><body lang=ZH-CN link=\"#0563C1\"><div class=WordSection1>\n%s"
            "<p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p>\n<div><div style='border:"
            "none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b><span"
            " lang=ZH-CN>发件人<span lang=EN-US>:</span></span></b> 办公室 &lt;%s&gt; <br><b>发送时间:</b> "
            "2026年3月2日 9:00<br><b>收件人:</b> %s<br><b>主题:</b> %s<o:p></o:p></p></div></div>%s</div>"
            "</body></html>" % (said, letter["office"], letter["address"], letter["subject"],
                                html(letter["text"][:400])))
    return raw(["From: <%s>" % letter["address"], "To: <%s>" % letter["office"],
                "Subject: %s" % encoded("答复: " + letter["subject"], "gb18030").replace(
                    "gb18030", "gb2312"),
                "Date: Fri, 6 Mar 2026 14:02:40 +0800",
                "Message-ID: <000001dcad%s$@%s>" % (letter["number"][3:], letter["address"].split("@")[1]),
                "In-Reply-To: %s" % letter["id"], "References: %s" % letter["id"],
                "X-Mailer: Microsoft Outlook 16.0", "Thread-Index: AQHcrQABAgMEBQYHCAkKCwwNDg8QEQ==",
                "Content-Language: zh-cn"],
               part("html", page, "gb2312!", "quoted-printable"))


def below_quote(letter, text):
    """Thunderbird with the answer below what is quoted."""
    head = "\n".join("> " + l for l in letter["text"].replace("\r\n", "\n").split("\n")[:12])
    return raw(["From: <%s>" % letter["address"], "To: <%s>" % letter["office"],
                "Subject: %s" % encoded("Re: " + letter["subject"], "utf-8"),
                "Date: Fri, 6 Mar 2026 09:30:00 +0800",
                "Message-ID: <7d0c5a52-%s@%s>" % (letter["number"][3:], letter["address"].split("@")[1]),
                "In-Reply-To: %s" % letter["id"], "References: %s" % letter["id"],
                "User-Agent: Mozilla Thunderbird"],
               part("plain", "在 2026/3/2 9:00, 办公室 写道:\n%s\n\n%s\n" % (head, text), "utf-8", "8bit"))


def raw_headers(letter, text):
    """An old program: subject and text as bare GBK, nothing labelled."""
    return ("From: %s <%s>\r\nTo: <%s>\r\nSubject: 回复: %s\r\nDate: Mon, 9 Mar 2026 11:11:00 +0800\r\n"
            "Message-ID: <old.%s@%s>\r\n\r\n%s\r\n" % (
                letter["n"], letter["address"], letter["office"], letter["subject"], letter["number"][3:],
                letter["address"].split("@")[1], text.replace("\n", "\r\n"))).encode("gbk")


def qq_bounce(letter):
    """QQ's notice: HTML in Chinese and the letter's headers as an attachment, no status part."""
    mark = "----=_NextPart_QQ"
    return raw(["From: \"PostMaster\" <postmaster@qq.example>", "To: <%s>" % letter["office"],
                "Subject: %s" % encoded("来自qq.example的退信", "gb18030"),
                "Date: Mon, 2 Mar 2026 09:04:00 +0800", "Message-ID: <tencent_bounce1@qq.example>",
                "Content-Type: multipart/mixed; boundary=\"%s\"" % mark],
               ("\r\n--%s\r\n" % mark).encode()
               + part("html", "<p>您好，抱歉，您的邮件被退回来了。</p><p>原邮件信息：</p><p>收件人：%s</p><p>主题：%s</p>"
                      "<p>退信原因：收件人（%s）的邮箱帐号不存在，邮件无法投递。</p><p>550 Mailbox not found</p>" % (
                          letter["address"], letter["subject"], letter["address"]), "gb18030", "base64")
               + ("\r\n--%s\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n"
                  "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: %s\r\n\r\n\r\n--%s--\r\n" % (
                      mark, letter["office"], letter["address"], encoded(letter["subject"], "utf-8"),
                      letter["id"], mark)).encode())


def delayed(letter):
    return bounce(letter).replace(b"Undelivered Mail Returned to Sender", b"Delayed Mail (still being retried)"
        ).replace(b"Action: failed", b"Action: delayed").replace(b"5.1.1", b"4.4.1").replace(
        b"550 4.4.1", b"421 4.4.1").replace(b"User unknown in virtual mailbox table", b"Connection timed out"
        ).replace(b"could not", b"is delayed and has not").replace(b"be delivered.", b"been delivered yet."
        ).replace(b"20260302010100.ABC", b"20260302050100.ABD")


def more(everybody, rest, keep):
    """Shapes that no row of SAID has."""
    a, b, c, d, e, f, g, h, i, j, k = rest[9:20]
    keep("111-qq-lost-thread.eml", qq_lost_thread(
        a, "供热公司停暖三天没有通知，车间管道冻裂，损失八万元。请{c}负责跟进，电话{p}。".format(**a)), a, "filed", ["d38"])
    keep("112-outlook-word.eml", word_html(
        b, ["一、税务局发票增量审批要跑两趟，申请后一周才批。", "二、交警大队在厂门口新划了禁停线，装卸货没有地方停车，{N}的李喆去问过，说要等规划。".format(**b)]),
         b, "filed", ["d28", "d06"])
    keep("113-below-quote.eml", below_quote(
        c, "自来水公司抄表不准，连续三个月水费翻倍，申诉后没有答复。"), c, "filed", ["d36"])
    keep("114-raw-gbk.eml", raw_headers(
        d, "工商局以前三天就能办好的变更登记，现在改成市场监管局反而要两周。"), d, "filed", ["d23"])
    keep("115-bounce-qq.eml", qq_bounce(e), e, "noted", [])
    keep("116-delayed.eml", delayed(f), f, "noted", [])
    shared = next(l for l in everybody if l["address"] == "daili@huizhang.example")
    keep("117-shared-address.eml", reply(117, shared, "城管局对门前促销活动的审批太慢。", "163", "gbk", thread=False,
                                         subject="意见"), None, "waiting", [])
    keep("118-dispute-trap.eml", reply(118, g, "某公安器材公司拖欠我司货款十二万元，合同早就到期了，请帮我们讨回。", "outlook",
                                       "gbk"), g, "filed", ["-"])
    keep("119-english.eml", reply(119, h, "The electricity in our plant was cut off four times this winter "
                                  "without any notice. Please ask the power supply company to inform us in "
                                  "advance.", "gmail", "utf-8"), h, "filed", ["d35"])
    keep("120-three-matters.eml", reply(
        120, i, "您好！{N}现反映如下：\n1. 表扬：审批局窗口办事热情，一次办结。\n2. 燃气公司要求必须使用它指定的施工队，报价比市场高四成。\n"
        "3. 社保中心工伤认定材料交上去两个月没有结果。\n联系人：{c}\n电话：{p}".format(**i), "foxmail", "gb18030"),
         i, "filed", ["-", "d37", "d09"])
    keep("121-bank-name.eml", reply(121, j, "招商银行今年突然抽贷三百万元，{n}资金链非常紧张。".format(**j), "huawei",
                                    "utf-8"), j, "filed", ["d31"])
    keep("122-long.eml", reply(
        122, k, "尊敬的领导：\n我公司是做加工出口的，去年全年进出口额约一千二百万美元，员工一百八十余人。总的来说这几年环境是好的，大家都看得见。\n"
        "今天想说的只有一件事：{n}的厂房是2009年建的，当时手续不全，一直没有办下不动产证。2021年以来我们先后找自然资源局七次，每次换一个人接待，"
        "每次说法都不一样，有的说先补规划手续，有的说先交罚款，有的让等统一政策。没有证就不能抵押，银行就不给贷款，企业没有办法发展。\n"
        "恳请把历史遗留问题列个清单，明确一个人负责到底，给企业一个时间表。\n此致\n敬礼\n{N}\n{c} {p}".format(**k),
        "thunderbird", "utf-8"), k, "filed", ["d10"])


def main():
    everybody = letters(sys.argv[1])
    for folder in ("replies", "replies-late"):
        os.makedirs(os.path.join(HERE, folder), exist_ok=True)
        for name in os.listdir(os.path.join(HERE, folder)):
            os.remove(os.path.join(HERE, folder, name))
    expected = []

    def keep(name, content, letter, outcome, departments, folder="replies"):
        with open(os.path.join(HERE, folder, name), "wb") as f:
            f.write(content)
        expected.append((folder + "/" + name, letter["number"] if letter else "-", outcome,
                         str(len(departments)), " ".join(departments) or "-"))

    i = 0
    for i, (text, departments) in enumerate(SAID):
        letter = everybody[i]
        client = CLIENTS[i % 8] if not text.isascii() else "gmail"
        charset = CHARSETS[(i // 8 + i) % 8]
        keep("%03d-%s.eml" % (i + 1, client), reply(i, letter, text.format(**letter), client, charset),
             letter, "filed", departments)
    at = len(SAID)
    for k, (ratings, answer, departments) in enumerate(FORMS):
        letter = everybody[at + k]
        client = CLIENTS[k % 8]
        form = filled(letter["form"], ratings, answer)
        keep("%03d-form.eml" % (at + k + 1),
             reply(at + k, letter, "见附件。" if k % 2 else "意见表已填好，请查收。", client, "utf-8",
                   attach=("征求意见表 %s.docx" % letter["number"],
                           "application/vnd.openxmlformats-officedocument.wordprocessingml.document", form)),
             letter, "filed", departments)
    at += len(FORMS)
    rest = everybody[at:]
    a, b, c, d, e, f, g, h = rest[:8]
    keep("101-auto-reply.eml", out_of_office(a), a, "noted", [])
    keep("102-bounce.eml", bounce(b), b, "noted", [])
    keep("103-bounce-163.eml", chinese_bounce(c), c, "noted", [])
    keep("104-receipt.eml", receipt(d), d, "noted", [])
    keep("105-second-answer.eml", reply(105, everybody[0], "补充一点：12366热线一直打不通，请税务局增加座席。", "qq",
                                        "gb18030"), everybody[0], "filed", ["d28"])
    keep("106-unknown-sender.eml", reply(106, e, "我是你们区里的一家小店，城管收费不公开，请查一查。", "163", "utf-8",
                                         thread=False, sender="xiaodian@unknown.example",
                                         subject="反映问题"), None, "waiting", [])
    keep("107-no-thread.eml", reply(107, e, "公路局在我们门口施工没有提前通知，货车绕行多走十公里。", "huawei", "utf-8",
                                    thread=False, subject="关于征求意见的回复"), e, "filed", ["d14"])
    keep("108-other-address.eml", reply(108, f, "厂区停电频繁，供电公司不提前通知。", "iphone", "utf-8",
                                        thread=False, sender="laoban@private.example"),
         f, "filed", ["d35"])
    keep("109-unsubscribe.eml", plain_message(
        ["From: <%s>" % g["address"], "To: <%s>" % g["office"], "Subject: unsubscribe %s" % g["number"],
         "Date: Wed, 4 Mar 2026 10:00:00 +0800", "Message-ID: <u.1@%s>" % g["address"].split("@")[1]], "\n"),
        g, "noted", [])
    keep("110-picture-only.eml", reply(110, h, "", "qq", "utf-8", attach=("意见.png", "image/png", PICTURE)),
         None, "waiting", [])
    more(everybody, rest, keep)
    late = rest[8]
    keep("201-late.eml", reply(201, late, "来信收到晚了。办理食品许可的时间太长，市场监管局能不能网上受理？", "foxmail", "gbk",
                               when=datetime(2026, 4, 3, 10, 0, tzinfo=CST)),
         late, "late", ["d23"], "replies-late")
    with open(os.path.join(HERE, "expected.tsv"), "w", encoding="utf-8") as f:
        f.write("file\tletter\toutcome\topinions\tlead departments\n")
        f.writelines("\t".join(row) + "\n" for row in expected)
    print(len(expected), "messages")


main()
