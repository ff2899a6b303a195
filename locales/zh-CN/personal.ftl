# 存储的个人信息：personal-<类别>-what、-why、-after（注销后如何处理）。

personal-account-what = 姓名、邮箱、电话、语言、通知选择、密码的哈希值，以及是否启用两步登录。
personal-account-why = 用于登录并与您联系。
personal-account-after = 立即删除，仅保留一个不含任何个人信息的编号。

personal-memberships-what = 您所属的单位及您的权限；如果您是工作人员，还包括您的岗位；如果园区企业名单以您的邮箱代表某家企业，也包括此项。
personal-memberships-why = 用于您代表单位预约。
personal-memberships-after = 立即删除。单位的预约归单位所有，由其他成员接手。

personal-sign_ins-what = 您的登录记录：设备自报的名称和时间。
personal-sign_ins-why = 便于您查看和退出登录。
personal-sign_ins-after = 立即删除。

personal-bookings-what = 预约的联系人、名称、需求，以及有关的说明文字；他人将您填为联系人时，您的姓名、邮箱和电话。
personal-bookings-why = 便于场馆准备活动并与您联系。
personal-bookings-after = 文字立即删除；空间、时间、活动类型、人数和结果作为统计保留。他人的预约仍归他人，联系人改为其本人。

personal-messages-what = 我们发给您的邮件：邮箱和内容；邮箱是否已确认、能否送达；以及发给他人的邮件中您的姓名。
personal-messages-why = 确保邮件不遗漏；未送达时前台可改用电话通知。
personal-messages-after = 立即删除，仅保留“曾发送”这一事实。最后一封邮件会告知您已注销，发出后即删除。

personal-links-what = 邮件中待您打开的链接，以及相应的注册和邀请。
personal-links-why = 防止他人冒用邮箱。
personal-links-after = 立即删除。

personal-audit-what = 工作人员的操作、登录所用的网络地址，以及工作人员查看过谁的信息。
personal-audit-why = 用于发现滥用；法律要求此类日志至少保存六个月。
personal-audit-after = 在保存期内仅与不含个人信息的编号一起保留，期满删除。

personal-limits-what = 近期请求和登录失败的网络地址计数。
personal-limits-why = 防止猜测密码和恶意访问。
personal-limits-after = 一天之内删除。
